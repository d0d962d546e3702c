"""统一身份认证: signing in through the identity platform of a region, and what it says of people.

Nothing personal is put into addresses, logs or the session: what the platform says goes straight
to the account. Local clerks can sign in while the platform is away.
"""

import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import structlog
from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.access import Actor
from engine.commands.enter_by_identity import Citizen, Official, enter_as_person, enter_for_unit
from engine.errors import (
    AgencyReplyUnreadable,
    AgencyUnavailable,
    EngineError,
    Forbidden,
    Invalid,
    NotFound,
)
from engine.packs.region import ClaimName, IdentityRule, RegionConfig
from engine.queries.regions import active_releases
from handlers.adapters.oidc import Client, Provider
from handlers.signature import sandbox_client_secret
from webapp.context import runtime, settings
from webapp.wanted import wanted_page

log = structlog.get_logger()
pages = Blueprint("identity", __name__, url_prefix="/sign-in/identity")
#: How long somebody may take at the platform.
PATIENCE_SECONDS = 900
_PENDING = "identity"
#: The platform's names of claims, unless the region says others.
CLAIMS: Mapping[ClaimName, str] = {
    "kind": "user_type",
    "name": "name",
    "id_no": "id_no",
    "mobile": "phone_number",
    "level": "auth_level",
    "unit": "unit_name",
    "uscc": "uscc",
    "unit_admin": "unit_admin",
}
#: The demonstration's client at the simulated platform.
SANDBOX_CLIENT = "yijianshi"


def register_identity(app: Flask) -> None:
    """Add the pages; providers are made when first needed and kept for the process."""
    app.extensions["identity_providers"] = {}
    app.register_blueprint(pages)


def client_of(config: RegionConfig) -> Client | None:
    """How the region's platform knows this installation; ``None`` when it is not connected."""
    rule, own = config.identity, settings()
    if rule is None:
        return None
    issuer = own.identity_issuer or rule.issuer
    if issuer and own.identity_secret:
        client_id = own.identity_client or rule.client_id or SANDBOX_CLIENT
        return Client(issuer, client_id, own.identity_secret, plain_http=own.demo)
    if own.demo and not issuer:
        sandbox = f"http://127.0.0.1:{own.sandbox_port}/identity"
        secret = sandbox_client_secret(own.agency_secret)
        return Client(sandbox, SANDBOX_CLIENT, secret, plain_http=True)
    return None


def platforms() -> dict[str, IdentityRule]:
    """The platforms people may sign in through: region → its ``[identity]``."""
    configs = [release.config for release in active_releases(runtime())]
    return {
        config.code: config.identity
        for config in configs
        if config.identity is not None and client_of(config) is not None
    }


def local_accounts_only_for_staff() -> bool:
    """Whether applicants have to come through a platform (JL-026); not in a demonstration."""
    return not settings().demo and bool(platforms())


def provider_of(region: str) -> tuple[RegionConfig, Provider]:
    """The region's settings, and its platform.

    Raises:
        NotFound: no such region, or it has no platform here.
    """
    releases = {one.config.code: one.config for one in active_releases(runtime())}
    client = client_of(releases[region]) if region in releases else None
    if client is None:
        raise NotFound
    made: dict[Client, Provider] = current_app.extensions["identity_providers"]
    if client not in made:
        made[client] = Provider(client, current_app.extensions.get("identity_transport"))
    return releases[region], made[client]


@pages.get("/<region>")
def begin(region: str) -> ResponseReturnValue:
    """Send the browser to the platform."""
    wanted = wanted_page(request.args.get("next", ""))
    if current_user.is_authenticated:
        return redirect(wanted)
    _, provider = provider_of(region)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    try:
        address = provider.authorization_url(_callback(region), state, nonce, verifier)
    except (AgencyUnavailable, AgencyReplyUnreadable) as error:
        return refusal(region, error)
    browser_session[_PENDING] = {
        "region": region,
        "state": state,
        "nonce": nonce,
        "verifier": verifier,
        "next": wanted,
        "at": int(time.time()),
    }
    return redirect(address)


@pages.get("/<region>/callback")
def back(region: str) -> ResponseReturnValue:
    """Take whoever comes back from the platform in."""
    config, provider = provider_of(region)
    try:
        pending = _pending(region)
        if request.args.get("error"):
            raise Forbidden("您没有完成登录。需要时可以重新登录。")
        code = request.args.get("code", "")[:2000]
        said = provider.claims(code, _callback(region), pending["nonce"], pending["verifier"])
        assert config.identity is not None
        account_id = _enter(config.identity, said)
    except (AgencyUnavailable, AgencyReplyUnreadable, Forbidden, Invalid) as error:
        return refusal(region, error)
    take_in: Callable[[UUID, str], Actor | None] = current_app.extensions["take_in"]
    if take_in(account_id, f"identity/{region}") is None:
        return refusal(region, Forbidden("您的账号已停用，不能登录。"))
    return redirect(pending["next"])


def refusal(region: str, error: EngineError) -> ResponseReturnValue:
    """Say why somebody cannot come in, and what to do; the log gets the kind of error only."""
    away = isinstance(error, AgencyUnavailable | AgencyReplyUnreadable)
    log.warning("sign-in refused", region=region, kind=type(error).__name__)
    page = render_template(
        "account/refused.html",
        region=region,
        title=platforms()[region].title,
        register_at=platforms()[region].register_at,
        message=error.message,
        away=away,
    )
    return page, 503 if away else 403


def _pending(region: str) -> dict[str, Any]:
    """What was remembered when the browser left; it counts once."""
    pending = browser_session.pop(_PENDING, None)
    state = request.args.get("state", "")
    if (
        not isinstance(pending, dict)
        or pending["region"] != region
        or not hmac.compare_digest(pending["state"].encode(), state.encode("utf-8", "replace"))
        or time.time() - pending["at"] > PATIENCE_SECONDS
    ):
        raise Forbidden("登录请求已失效，请重新登录。")
    return pending


def _enter(rule: IdentityRule, said: Mapping[str, Any]) -> UUID:
    def claim(name: ClaimName) -> str:
        value = said.get(rule.claims.get(name, CLAIMS[name]), "")
        return value.strip()[:200] if isinstance(value, str) else ""

    if claim("kind") == "legal":
        admin = said.get(rule.claims.get("unit_admin", CLAIMS["unit_admin"])) is True
        official = Official(
            claim("unit"), claim("uscc"), claim("name"), claim("id_no"), admin=admin
        )
        return enter_for_unit(runtime(), official)
    if claim("kind") != "person":
        raise Forbidden("平台没有说明您是个人还是单位，无法登录。")
    level = claim("level")
    verified = level if level in rule.verified else ""
    return enter_as_person(
        runtime(), Citizen(claim("name"), claim("id_no"), claim("mobile"), verified)
    )


def _callback(region: str) -> str:
    base = settings().public_url or request.url_root.rstrip("/")
    return base + url_for("identity.back", region=region)
