"""从门户进入: the deep link with which the portal sends somebody here to apply (JLG-001).

The link carries a ticket the portal signed: short-lived, good for one use, and without anything
personal. Which channel it was is kept with the case.
"""

import time
from datetime import UTC, datetime

from flask import Blueprint, redirect, request, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.commands.spend_ticket import spend_ticket
from engine.errors import AgencyReplyUnreadable, AgencyUnavailable, Conflict, Forbidden
from engine.packs.region import ProcessRule, RegionConfig
from engine.queries.regions import active_releases
from webapp.context import actor, runtime, settings
from webapp.identity import client_of, provider_of, refusal

pages = Blueprint("portal", __name__, url_prefix="/portal")
#: How long after coming from the portal an application may begin.
STAY_SECONDS = 4 * 3600
_CAME = "portal"


@pages.get("/start")
def enter() -> ResponseReturnValue:
    """Take a ticket of the portal, and go on to what it is for, signing in on the way."""
    region = request.args.get("region", "")[:40]
    config, provider = provider_of(region)
    try:
        ticket = provider.ticket(request.args.get("ticket", "")[:4000])
        channel, process = str(ticket.get("channel")), str(ticket.get("process"))
        if channel not in config.channels or process not in config.processes:
            raise Forbidden("门户给出的事项或渠道在本地区没有登记。")
        expires = datetime.fromtimestamp(int(ticket["exp"]), UTC)
        spend_ticket(runtime(), ticket["jti"], expires, datetime.now(UTC))
    except (AgencyUnavailable, AgencyReplyUnreadable, Forbidden, Conflict) as error:
        return refusal(region, error)
    browser_session[_CAME] = {"region": region, "channel": channel, "at": int(time.time())}
    target = url_for("start.guide", region=region, process=process)
    if current_user.is_authenticated:
        return redirect(target)
    return redirect(url_for("identity.begin", region=region, next=target))


def channel_of(region: str) -> str | None:
    """The portal's code of the channel through which somebody came lately."""
    came = browser_session.get(_CAME)
    if not isinstance(came, dict) or came.get("region") != region:
        return None
    return str(came["channel"]) if time.time() - came["at"] < STAY_SECONDS else None


def take_along() -> dict[str, object]:
    """What of a stranger's session goes on when they have signed in."""
    return {_CAME: browser_session[_CAME]} if _CAME in browser_session else {}


def leave() -> None:
    """An application was begun: the next one needs the portal again."""
    browser_session.pop(_CAME, None)


def require_portal(region: str, process: str) -> None:
    """The same for programs that use a browser's session.

    Raises:
        Forbidden: the application has to begin at the portal.
    """
    for release in active_releases(runtime()):
        rule = release.config.processes.get(process)
        if release.config.code == region and rule and must_come_from_portal(release.config, rule):
            raise Forbidden(f"“{rule.title}”须从门户发起。")


def must_come_from_portal(config: RegionConfig, rule: ProcessRule) -> bool:
    """Whether this person has to begin at the portal; only where one is connected for real."""
    if not rule.portal_only or actor().kind not in ("unit", "person"):
        return False
    connected = not settings().demo and client_of(config) is not None
    return connected and channel_of(config.code) is None
