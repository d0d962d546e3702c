"""How times and codes are shown: filters and globals of all templates."""

from datetime import date, datetime

from flask import Flask
from markupsafe import Markup

from engine.clock import CHINA
from engine.deadlines import in_words
from engine.identity import mask_id_no
from engine.item_states import STATES
from engine.media import MOST_BYTES
from webapp import words
from webapp.context import runtime
from webapp.forms import ACCEPT

_TONES = {"over": "due-over", "soon": "due-soon", "ok": "", "paused": "text-secondary"}


def register_display(app: Flask) -> None:
    """Give templates our filters and words."""
    env = app.jinja_env
    env.filters.update(
        moment=moment, day=day, due=due, item_state=item_state, masked_id_no=mask_id_no
    )
    env.globals.update(words=words, office_now=office_now, accept=ACCEPT, most_bytes=MOST_BYTES)
    env.trim_blocks = env.lstrip_blocks = True


def office_now() -> datetime:
    """The time on the wall of an office."""
    return runtime().clock.now().astimezone(CHINA)


def moment(value: datetime | None) -> str:
    """``2027-05-20 09:00`` in China; empty when there is none."""
    return value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if value else ""


def day(value: datetime | date | None) -> str:
    """``2027-05-20`` in China; empty when there is none."""
    if isinstance(value, datetime):
        value = value.astimezone(CHINA).date()
    return value.isoformat() if value else ""


def due(value: datetime | None, *, paused: bool = False, provisional: bool = False) -> Markup:
    """What is left of a promise, in words and colour; a dash when nothing is promised."""
    if value is None:
        return Markup('<span class="text-secondary">—</span>')
    clock = runtime()
    said = in_words(
        value, clock.clock.now(), clock.calendars["cn"], paused=paused, provisional=provisional
    )
    return Markup('<span class="{}">{}</span>').format(_TONES[said.tone], said.text)


def item_state(code: str) -> Markup:
    """The state of a joint item as a badge."""
    tone = words.ITEM_TONES.get(code, "secondary")
    return Markup('<span class="badge bg-{}-lt">{}</span>').format(tone, STATES.get(code, code))
