"""The simulated platform's end points and pages."""

import re
import secrets
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request
from flask import url_for as flask_url_for
from flask.typing import ResponseReturnValue

from engine.errors import Forbidden, Invalid, NotFound
from engine.identity import mask_id_no
from handlers.adapters.oidc import TICKET_TYPE
from handlers.qr import qr
from handlers.sandbox.behaviours import Behaviour
from handlers.sandbox.office import Office
from handlers.sandbox.platform.keys import Keys
from handlers.sandbox.platform.register import Enterprise, Register, Resident
from handlers.sandbox.platform.sign_ins import SignIn, SignIns
from handlers.signature import sandbox_client_secret

platform = Blueprint("platform", __name__)

CLIENT = "yijianshi"
#: Where an application may be sent back to: this machine's, in a demonstration.
REDIRECT = re.compile(r"(https?://[a-z0-9.:-]+)/sign-in/identity/[a-z_]+/callback")
#: What a person may scan with (JLG-014).
APPS = {"wechat": "微信", "alipay": "支付宝", "mini": "吉事办小程序", "app": "吉事办APP"}
#: The password of every enterprise (JLG-013).
PASSWORD = "jishiban-2026"  # noqa: S105 - shown on the page of a simulation
#: The channels the portal plays: code → what it is called there.
CHANNELS = {"jsb_web": "吉事办网厅", "jsb_wechat": "吉事办微信小程序", "jsb_app": "吉事办APP"}
TOKEN_SECONDS = 300
TICKET_SECONDS = 120


@platform.before_request
def _only_from_our_own_page() -> None:
    """No other site may press our buttons; programs that ask for tokens are no browsers."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") not in (
        "same-origin",
        "none",
    ):
        raise Forbidden("请在本页面上操作。")


# ---------------------------------------------------------------- what programs ask


@platform.get("/identity/.well-known/openid-configuration")
def configuration() -> ResponseReturnValue:
    """What the platform publishes about itself."""
    home = _issuer()
    return jsonify(
        issuer=home,
        authorization_endpoint=f"{home}/authorize",
        token_endpoint=f"{home}/token",
        userinfo_endpoint=f"{home}/userinfo",
        jwks_uri=f"{home}/jwks",
        response_types_supported=["code"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["RS256", "ES256"],
        code_challenge_methods_supported=["S256"],
        token_endpoint_auth_methods_supported=["client_secret_basic"],
    )


@platform.get("/identity/jwks")
def jwks() -> ResponseReturnValue:
    """The public keys."""
    return jsonify(_keys().public())


@platform.post("/identity/token")
def token() -> ResponseReturnValue:
    """Exchange a code for a signed token."""
    given = request.authorization
    secret = sandbox_client_secret(current_app.config["SECRET"])
    known = given is not None and given.type == "basic" and given.username == CLIENT
    if not known or not secrets.compare_digest((given and given.password) or "", secret):
        return jsonify(error="invalid_client"), 401
    form = request.form
    try:
        done, access = _sign_ins().exchange(
            form.get("code", ""), CLIENT, form.get("redirect_uri", ""), form["code_verifier"]
        )
    except (Invalid, KeyError):
        return jsonify(error="invalid_grant"), 400
    now = int(time.time())
    claims = {
        "iss": _issuer(),
        "aud": CLIENT,
        "sub": done.claims["sub"],
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "nonce": done.asked["nonce"],
    }
    return jsonify(
        access_token=access,
        token_type="Bearer",  # noqa: S106
        expires_in=TOKEN_SECONDS,
        id_token=_keys().sign(claims),
    )


@platform.get("/identity/userinfo")
def userinfo() -> ResponseReturnValue:
    """What is said of whoever signed in."""
    said = _sign_ins().of_access(request.headers.get("Authorization", "").removeprefix("Bearer "))
    return (jsonify(said), 200) if said else (jsonify(error="invalid_token"), 401)


# ---------------------------------------------------------------- what people see


@platform.get("/identity/authorize")
def authorize() -> ResponseReturnValue:
    """Begin a sign-in that an application asked for."""
    names = ("client_id", "redirect_uri", "state", "nonce", "code_challenge")
    asked = {name: request.args.get(name, "") for name in names}
    fine = (
        all(asked.values())
        and asked["client_id"] == CLIENT
        and request.args.get("response_type") == "code"
        and request.args.get("code_challenge_method") == "S256"
        and "openid" in request.args.get("scope", "").split()
    )
    if not fine or not REDIRECT.fullmatch(asked["redirect_uri"]):
        raise Invalid("登录请求不完整，或回调地址没有登记。")
    return redirect(_url("platform.login", ticket=_sign_ins().begin(asked)))


@platform.get("/identity/login/<ticket>")
def login(ticket: str) -> ResponseReturnValue:
    """The page with the QR code; goes on by itself once it was scanned."""
    begun = _sign_ins().find(ticket)
    return redirect(_onwards(begun)) if begun.confirmed else _login(ticket)


@platform.post("/identity/login/<ticket>")
def by_password(ticket: str) -> ResponseReturnValue:
    """An enterprise signs in with its password: as its administrator."""
    _sign_ins().find(ticket)
    uscc = request.form.get("uscc", "").strip().upper()
    known = next((one for one in _register().enterprises if one.uscc == uscc), None)
    if known is None or request.form.get("password") != PASSWORD:
        return _login(ticket, "统一社会信用代码或密码不正确。", uscc), 422
    done = _sign_ins().confirm(ticket, _official(known, known.admins[0]))
    return redirect(_onwards(done))


@platform.post("/identity/login/<ticket>/cancel")
def give_up(ticket: str) -> ResponseReturnValue:
    """Go back without signing in."""
    asked = _sign_ins().find(ticket).asked
    query = urlencode({"error": "access_denied", "state": asked["state"]})
    return redirect(f"{asked['redirect_uri']}?{query}")


@platform.get("/identity/scan/<ticket>")
def scan(ticket: str) -> ResponseReturnValue:
    """What the telephone shows after scanning."""
    if _sign_ins().find(ticket).confirmed:
        raise Invalid("该二维码已经用过，请看电脑页面。")
    legal = request.args.get("as") == "legal"
    return render_template(
        "platform/scan.html", ticket=ticket, legal=legal, apps=APPS, register=_register()
    )


@platform.post("/identity/scan/<ticket>")
def scanned(ticket: str) -> ResponseReturnValue:
    """Somebody confirms on the telephone; where both are one browser, it goes on at once."""
    claims = _chosen(request.form.get("who", ""))
    done = _sign_ins().confirm(ticket, claims)
    if request.form.get("here") == "1":
        return redirect(_onwards(done))
    return render_template("platform/said.html", title="已确认", text="请看电脑上的页面。")


@platform.get("/portal")
def portal() -> ResponseReturnValue:
    """The portal's zone 高效办成一件事."""
    return render_template("platform/portal.html", channels=CHANNELS)


@platform.get("/portal/go/<channel>/<region>/<process>")
def go(channel: str, region: str, process: str) -> ResponseReturnValue:
    """Send somebody on with a signed ticket that works once and says nothing about them."""
    if channel not in CHANNELS:
        raise NotFound
    now = int(time.time())
    ticket = _keys().sign(
        {
            "iss": _issuer(),
            "aud": CLIENT,
            "iat": now,
            "exp": now + TICKET_SECONDS,
            "jti": secrets.token_urlsafe(18),
            "channel": channel,
            "process": process,
        },
        TICKET_TYPE,
    )
    query = urlencode({"region": region, "ticket": ticket})
    return redirect(f"{current_app.config['WEB']}/portal/start?{query}")


@platform.get("/face/<uuid:request_id>")
def face(request_id: UUID) -> ResponseReturnValue:
    """What the face-recognition app shows after its QR code was scanned."""
    asked = _face_request(request_id)
    return render_template(
        "platform/face.html",
        name=asked["name"],
        id_no=mask_id_no(asked["id_no"]),
        done=asked["status"] not in ("ACCEPTED",),
        cancelled=bool(asked["cancelled_at"]),
    )


@platform.post("/face/<uuid:request_id>")
def faced(request_id: UUID) -> ResponseReturnValue:
    """The app says how it went: a token and no picture, by signed feedback."""
    asked = _face_request(request_id)
    if asked["status"] != "ACCEPTED" or asked["cancelled_at"]:
        raise Invalid("该认证已经结束。")
    passed = request.form.get("passed") == "1"
    behaviour = (
        Behaviour("reply")
        if passed
        else Behaviour("reply", status="FAILED", reason_code="NOT_CONFIRMED")
    )
    _office().answer(str(request_id), behaviour)
    title = "认证通过" if passed else "认证未通过"
    text = "结果已发回办理系统。人脸图像没有离开本应用，也没有保存。"
    return render_template("platform/said.html", title=title, text=text)


def _face_request(request_id: UUID) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _office().story(str(request_id))["request"]
    if found["operation"] != "identity/verify":
        raise NotFound
    return found


def _login(ticket: str, problem: str = "", uscc: str = "") -> str:
    legal = request.method == "POST" or request.args.get("as") == "legal"
    path = _url("platform.scan", ticket=ticket, **_as(legal))
    address = _issuer().removesuffix("/identity") + path
    return render_template(
        "platform/login.html",
        ticket=ticket,
        legal=legal,
        qr=qr(address, "登录二维码"),
        apps=APPS,
        enterprises=_register().enterprises,
        password=PASSWORD,
        uscc=uscc,
        problem=problem,
    )


def _as(legal: bool) -> dict[str, str]:
    return {"as": "legal"} if legal else {}


def _chosen(who: str) -> dict[str, Any]:
    """What is said of ``person:<n>`` or ``legal:<n>:<m>``: who stands on the page, by number."""
    register = _register()
    kind, _, number = who.partition(":")
    try:
        if kind == "person":
            return _resident(register.residents[_position(number)])
        if kind == "legal":
            which, _, whom = number.partition(":")
            enterprise = register.enterprises[_position(which)]
            people = [*enterprise.admins, *enterprise.operators]
            return _official(enterprise, people[_position(whom)])
    except (ValueError, IndexError):
        pass
    raise Invalid("请选择由谁扫码。")


def _position(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError
    return number


def _resident(one: Resident) -> dict[str, Any]:
    return {
        "sub": _subject(one.id_no),
        "user_type": "person",
        "name": one.name,
        "id_no": one.id_no,
        "phone_number": one.mobile,
        "auth_level": one.level,
    }


def _subject(number: str) -> str:
    """A name for somebody that tells nothing of them."""
    return sha256(number.encode()).hexdigest()[:24]


def _official(enterprise: Enterprise, one: Resident) -> dict[str, Any]:
    return {
        **_resident(one),
        "sub": _subject(enterprise.uscc + one.id_no),
        "user_type": "legal",
        "unit_name": enterprise.name,
        "uscc": enterprise.uscc,
        "unit_admin": one in enterprise.admins,
    }


def _onwards(done: SignIn) -> str:
    query = urlencode({"code": done.code, "state": done.asked["state"]})
    return f"{done.asked['redirect_uri']}?{query}"


def _issuer() -> str:
    return f"{current_app.config['ADDRESS'] or request.url_root.rstrip('/')}/identity"


def _url(endpoint: str, **values: Any) -> str:
    return flask_url_for(endpoint, **values)


def _keys() -> Keys:
    keys: Keys = current_app.extensions["platform_keys"]
    return keys


def _sign_ins() -> SignIns:
    return SignIns(_office().records)


def _register() -> Register:
    known: Callable[[], Register] = current_app.extensions["register"]
    return known()


def _office() -> Office:
    office: Office = current_app.extensions["office"]
    return office


@platform.after_request
def _not_framed(response: Response) -> Response:
    response.headers["X-Frame-Options"] = "DENY"
    return response
