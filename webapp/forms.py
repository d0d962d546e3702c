"""Forms in a browser: what a page shows, and what its buttons ask for.

A page works without scripts: every button posts the whole form with ``_action``, and the server
shows it again. With scripts, htmx posts the same (``refresh``) when an answer decides about other
fields, and swaps ``#form-body``. Files travel with any button and are stored at once; their ids
then belong to the answers. Templates: ``forms/fields.html`` and ``forms/printed.html``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from uuid import UUID

from werkzeug.datastructures import FileStorage, MultiDict

from engine.errors import Invalid
from engine.forms import Field, Form, Submitted, layout, parse, walk
from engine.forms.schema import Data, fact
from engine.media import ACCEPTED, MOST_BYTES
from engine.queries.attachments import AttachmentLine
from engine.rules.advice import Advice

#: ``next``: submit, and go on with the same step of another case.
Action = Literal["submit", "next", "save", "refresh"]

#: What people call the sections every case has; pages may name more.
SOURCES: Mapping[str, str] = {
    "person": "人员登记信息",
    "applicant": "登录账号信息",
    "case": "办件信息",
}
_ROWS = re.compile(r"(add|remove):([a-z0-9_.]{1,200}?)(?::([0-9]{1,4}))?")
_FILE = re.compile(r"remove-file:([a-z0-9_.]{1,200}):([0-9a-f-]{36})")
#: What a file chooser offers; what is taken in is decided by what is inside.
ACCEPT = ",".join(ending for medium in ACCEPTED for ending in medium.endings)
#: Stores a file by its name and content and returns its id; ``Invalid`` says why not.
Store = Callable[[str, bytes], UUID]
_INPUT_MODES = {"number": "decimal", "money": "decimal"}


class Posted(NamedTuple):
    """What a browser asked for: to check and store, to store as it is, or only to show again.

    ``errors``: files that could not be taken in, by field; the form is shown again with them.
    """

    action: Action
    answers: dict[str, Any]
    errors: Mapping[str, str] = {}


@dataclass(frozen=True)
class FormPage:
    """A form ready to be shown: its fields with answers, errors at their fields, where it posts."""

    title: str
    description: str
    fields: tuple[Field, ...]
    ui: Mapping[str, Any]
    url: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, AttachmentLine] = field(default_factory=dict)
    advice: Advice | None = None
    #: Whether a file can be chosen on it, now or after some answer: only its fields are refreshed,
    #: and how it is sent is decided once.
    takes_files: bool = False

    @property
    def summary(self) -> list[tuple[str | None, str]]:
        """Id to jump to (or None) and message of every error, in the order of the fields."""
        shown = {field.path: field for field in walk(self.fields)}
        return [
            (shown[path].id if path in shown else None, f"{_row_of(path, shown)}{message}")
            for path, message in self.errors.items()
        ]

    @property
    def refreshes(self) -> bool:
        """Whether some answer decides about other fields."""
        return any(shown.refreshes for shown in walk(self.fields))

    def source(self, shown: Field) -> str | None:
        """Where the value of a field was taken from, in words."""
        if shown.source is None or shown.value is None:
            return None
        named = {**SOURCES, **self.sources}
        return named.get(shown.source, "系统已有信息")

    def input_type(self, shown: Field) -> str:
        """The type of input. A date that is none stays text, so that it is not lost."""
        if shown.kind == "date" and re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})?", shown.typed):
            return "date"
        return "tel" if shown.schema.get("format") == "cn-mobile" else "text"

    def input_mode(self, shown: Field) -> str | None:
        """The keyboard a telephone offers."""
        if shown.schema.get("format") == "cn-bank-card":
            return "numeric"
        return _INPUT_MODES.get(shown.kind)

    def described_by(self, shown: Field) -> str:
        """Ids of the texts that belong to a field, for those who hear the page."""
        parts = {
            "hint": shown.schema.get("description"),
            "help": shown.ui.get("ui:help"),
            "source": self.source(shown),
            "error": self.errors.get(shown.path),
        }
        return " ".join(f"{shown.id}-{name}" for name, text in parts.items() if text)


def form_page(
    form: Form,
    answers: Mapping[str, Any],
    *,
    url: str = "",
    errors: Mapping[str, str] | None = None,
    sources: Mapping[str, str] | None = None,
    files: Mapping[str, AttachmentLine] | None = None,
    advice: Advice | None = None,
) -> FormPage:
    """Make a form ready to be shown.

    Args:
        form: the form.
        answers: prefilled, saved or just posted.
        url: where it posts to.
        errors: dotted path → message, as ``Invalid.errors`` has them.
        sources: section → what people call it, shown beside values taken from there.
        files: attachments the answers refer to, by id.
        advice: what the national rules say about the answers.
    """
    return FormPage(
        title=form.title,
        description=str(form.schema.get("description", "")),
        fields=layout(form, answers),
        ui=form.ui,
        url=url,
        errors=errors or {},
        sources=sources or {},
        files=files or {},
        advice=advice,
        takes_files=form.takes_files,
    )


def read_post(
    form: Form,
    submitted: MultiDict[str, str],
    data: Mapping[str, Mapping[str, Any]],
    files: MultiDict[str, FileStorage] | None = None,
    store: Store | None = None,
) -> Posted:
    """Read a posted form and what its button asked for.

    Adding and removing a row of a repeating group is done here; the page then shows the form again.

    Args:
        form: the form.
        submitted: ``request.form``.
        data: sections of the case, for read-only fields.
        files: ``request.files``.
        store: takes in a file; without it files are left alone.

    Raises:
        Invalid: the button is none of ours. Answer 400.
    """
    answers = parse(form, submitted, data)
    errors: dict[str, str] = {}
    if files and store and form.takes_files:
        submitted, errors = _take_in(form, answers, submitted, files, store)
        answers = parse(form, submitted, data)
    pressed = submitted.getlist("_action")
    match pressed[-1] if pressed else "submit":
        case "submit" | "next" | "save" as action:
            return Posted(action, answers, errors)
        case "refresh":
            revealed = _revealed(form, answers, submitted, data)
            return Posted("refresh", {**revealed, **answers}, errors)
        case other if found := _FILE.fullmatch(other):
            return Posted("refresh", parse(form, _without(submitted, found), data), errors)
        case other:
            _change_rows(form, answers, other)
            return Posted("refresh", answers, errors)


def _take_in(
    form: Form,
    answers: Mapping[str, Any],
    submitted: MultiDict[str, str],
    files: MultiDict[str, FileStorage],
    store: Store,
) -> tuple[MultiDict[str, str], dict[str, str]]:
    """Store the files that were sent and put their ids where a page would have put them."""
    enlarged, errors = submitted.copy(), {}
    for shown in walk(layout(form, answers)):
        if shown.kind not in ("file", "files"):
            continue
        for sent in files.getlist(shown.path):
            if not sent.filename:  # nothing was chosen
                continue
            try:
                # one byte more than allowed is enough to say that it is too big
                enlarged.add(shown.path, str(store(sent.filename, sent.read(MOST_BYTES + 1))))
            except Invalid as error:
                errors[shown.path] = f"“{sent.filename[:60]}”没有上传：{error.message}"
    return enlarged, errors


def _without(submitted: MultiDict[str, str], removed: re.Match[str]) -> MultiDict[str, str]:
    kept = submitted.copy()
    kept.setlist(removed[1], [one for one in submitted.getlist(removed[1]) if one != removed[2]])
    return kept


def _row_of(path: str, shown: Mapping[str, Field]) -> str:
    """``人员第 2 项：`` for a field inside a repeating group; nothing for others."""
    found = re.fullmatch(r"(.+)\.([0-9]+)\.[^.]+", path)
    if found is None or found[1] not in shown:
        return ""
    return f"{shown[found[1]].title}第 {int(found[2]) + 1} 项："


def _revealed(
    form: Form, answers: Mapping[str, Any], submitted: Submitted, data: Data
) -> dict[str, Any]:
    """First values of fields that an answer has just brought onto the page.

    A field that was there and is empty now was emptied on purpose.
    """
    there = set(submitted)
    known = {
        shown.path: fact(data, shown.schema["x-prefill"])
        for shown in layout(form, answers)
        if shown.path not in there and "x-prefill" in shown.schema
    }
    return {path: value for path, value in known.items() if value is not None}


def _change_rows(form: Form, answers: dict[str, Any], asked: str) -> None:
    """Add or remove one row, in place."""
    found = _ROWS.fullmatch(asked)
    groups = {shown.path: shown for shown in walk(layout(form, answers)) if shown.kind == "rows"}
    group = groups.get(found[2]) if found else None
    if found is None or group is None or (found[1] == "remove") != (found[3] is not None):
        raise Invalid("无法识别的操作，请刷新页面后重试。")
    rows = _rows_at(answers, group.path)
    if found[1] == "add" and group.can_grow:
        rows.append({})
    elif found[1] == "remove" and int(found[3]) < len(rows):
        del rows[int(found[3])]


def _rows_at(answers: dict[str, Any], path: str) -> list[Any]:
    """The list a dotted path leads to; begun if there is none yet."""
    place: Any = answers
    *way, last = path.split(".")
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
    rows: list[Any] = place.setdefault(last, [])
    return rows
