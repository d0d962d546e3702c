"""The ``oidc`` transport: the unified identity platform, asked who somebody is.

OpenID Connect authorization code flow with PKCE (RFC 7636). What the platform says is believed
only when its signature, issuer, audience, times and nonce fit. Only addresses of the configured
issuer are ever opened. Times are the machine's own, never the demo clock: a token speaks about the
wire, not about a case.

Source: JL-026; OpenID Connect Core 1.0, section 3.1.
"""

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from engine.errors import AgencyReplyUnreadable, AgencyUnavailable, Forbidden

ALGORITHMS = ("RS256", "ES256")
#: Clocks of two machines may differ by this much.
LEEWAY_SECONDS = 60
#: How long what the platform publishes about itself is believed.
KEPT_SECONDS = 600
#: A platform that changed its keys is asked again, but no stranger makes us ask all the time.
ASK_AGAIN_SECONDS = 10
MAX_BYTES = 256 * 1024
#: For the link that leads from the portal to us, so that no ID token passes for one.
TICKET_TYPE = "portal-start+jwt"
_WRONG = "登录信息校验不通过，请重新登录。"
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True)
class Client:
    """How the platform knows us.

    Args:
        issuer: the platform's address, exactly as its tokens name it.
        plain_http: whether ``http://127.0.0.1`` will do, in a demonstration.
    """

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    plain_http: bool = False


def challenge(verifier: str) -> str:
    """The S256 code challenge of a PKCE verifier."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class Provider:
    """The identity platform; safe for threads, which share what it publishes about itself.

    Args:
        client: how it knows us.
        transport: for a platform in the same process.
    """

    def __init__(self, client: Client, transport: httpx.BaseTransport | None = None) -> None:
        self.client = client
        self._http = httpx.Client(timeout=5, trust_env=False, transport=transport)
        self._lock = threading.Lock()
        self._about: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def authorization_url(self, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent to sign in.

        Raises:
            AgencyUnavailable: the platform does not answer; try again later.
            AgencyReplyUnreadable: what it says about itself cannot be used; somebody must look.
        """
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self.client.client_id,
                "redirect_uri": redirect_uri,
                "scope": "openid profile",
                "state": state,
                "nonce": nonce,
                "code_challenge": challenge(verifier),
                "code_challenge_method": "S256",
            }
        )
        return f"{self._endpoint('authorization_endpoint')}?{query}"

    def claims(self, code: str, redirect_uri: str, nonce: str, verifier: str) -> Mapping[str, Any]:
        """Exchange a code for what the platform says of whoever signed in.

        Raises:
            Forbidden: the code is not accepted, or the token does not hold; sign in afresh.
            AgencyUnavailable, AgencyReplyUnreadable: as above.
        """
        said = self._token(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            }
        )
        token = said.get("id_token")
        if not isinstance(token, str):
            raise AgencyReplyUnreadable("统一身份认证平台没有返回登录信息。")
        claims = self._checked(token, nonce=nonce)
        if "userinfo_endpoint" in self._published():
            claims = {**self._userinfo(said.get("access_token"), claims["sub"]), **claims}
        return claims

    def ticket(self, text: str) -> Mapping[str, Any]:
        """Check the ticket with which the portal sends somebody to us (JLG-001).

        Raises:
            Forbidden: not the platform's, not for us, or too old.
            AgencyUnavailable, AgencyReplyUnreadable: as above.
        """
        claims = self._checked(text, kind=TICKET_TYPE)
        if not isinstance(claims.get("jti"), str) or not 8 <= len(claims["jti"]) <= 100:
            raise Forbidden(_WRONG)
        return claims

    def _checked(self, text: str, kind: str = "", nonce: str = "") -> dict[str, Any]:
        token = self._decoded(text)
        if kind != (token.header.get("typ") if kind else ""):
            raise Forbidden(_WRONG)
        if not kind and token.header.get("typ") == TICKET_TYPE:
            raise Forbidden(_WRONG)
        claims = token.claims
        asked: dict[str, Any] = {
            "iss": {"essential": True, "value": self.client.issuer},
            "aud": {"essential": True, "value": self.client.client_id},
            "exp": {"essential": True},
            "iat": {"essential": True},
        }
        if nonce:
            asked |= {"sub": {"essential": True}, "nonce": {"essential": True, "value": nonce}}
        try:
            jwt.JWTClaimsRegistry(
                now=lambda: int(time.time()), leeway=LEEWAY_SECONDS, **asked
            ).validate(claims)
        except (JoseError, TypeError, ValueError):
            raise Forbidden(_WRONG) from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if several and claims.get("azp") != self.client.client_id:
            raise Forbidden(_WRONG)
        return dict(claims)

    def _decoded(self, text: str) -> jwt.Token:
        """Check the signature; with fresh keys once more, should the platform have changed them."""
        if len(text) > MAX_BYTES:
            raise Forbidden(_WRONG)
        for fresh in (False, True):
            try:
                return jwt.decode(text, self._published_keys(fresh), algorithms=ALGORITHMS)
            except (JoseError, ValueError, TypeError, KeyError, RecursionError):
                continue
        raise Forbidden(_WRONG)

    def _token(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        basic = (self.client.client_id, self.client.secret)
        status, said = self._ask("POST", self._endpoint("token_endpoint"), data=form, auth=basic)
        if status in (400, 401, 403):
            raise Forbidden("登录已失效或已被使用，请重新登录。")
        if status != 200:
            raise AgencyUnavailable("统一身份认证平台暂时无法登录。")
        return said

    def _userinfo(self, access: object, sub: str) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {access}"}
        status, said = self._ask("GET", self._endpoint("userinfo_endpoint"), headers=headers)
        if status != 200:
            raise AgencyUnavailable("统一身份认证平台暂时无法登录。")
        if said.get("sub") != sub:  # somebody else's (OpenID Connect Core 5.3.2)
            raise Forbidden(_WRONG)
        return said

    def _endpoint(self, name: str) -> str:
        return str(self._published()[name])

    def _published(self) -> Mapping[str, Any]:
        """What the platform publishes about itself (OpenID Connect Discovery)."""
        with self._lock:
            if self._about and time.monotonic() - self._about[0] < KEPT_SECONDS:
                return self._about[1]
        address = f"{self.client.issuer.rstrip('/')}/.well-known/openid-configuration"
        said = self._get(address)
        if said.get("issuer") != self.client.issuer:
            raise AgencyReplyUnreadable("统一身份认证平台的配置与本系统的设置不一致。")
        names = [*_NEEDED, *(["userinfo_endpoint"] if "userinfo_endpoint" in said else [])]
        if not all(self._is_its_own(said.get(name)) for name in names):
            raise AgencyReplyUnreadable("统一身份认证平台公布的地址不属于该平台。")
        with self._lock:
            self._about = (time.monotonic(), said)
        return said

    def _published_keys(self, fresh: bool) -> KeySet:
        with self._lock:
            kept = ASK_AGAIN_SECONDS if fresh else KEPT_SECONDS
            if self._keys and time.monotonic() - self._keys[0] < kept:
                return self._keys[1]
        said = self._get(self._endpoint("jwks_uri"))
        try:
            keys = KeySet.import_key_set(said)  # type: ignore[arg-type]
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise AgencyReplyUnreadable("统一身份认证平台公布的公钥无法识别。") from None
        with self._lock:
            self._keys = (time.monotonic(), keys)
        return keys

    def _get(self, address: str) -> Mapping[str, Any]:
        status, said = self._ask("GET", address)
        if status != 200:
            raise AgencyUnavailable("统一身份认证平台暂时无法登录。")
        return said

    def _ask(self, method: str, address: str, **what: Any) -> tuple[int, Mapping[str, Any]]:
        """Ask the platform; never anybody else, and never read more than is sensible."""
        if not self._is_its_own(address):
            raise AgencyReplyUnreadable("统一身份认证平台的地址不符合要求（须为 https）。")
        body = b""
        try:
            with self._http.stream(method, address, **what) as answer:
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > MAX_BYTES:
                        raise AgencyReplyUnreadable("统一身份认证平台的答复过长。")
        except (httpx.HTTPError, httpx.InvalidURL):
            raise AgencyUnavailable("统一身份认证平台暂时无法连接。") from None
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            said = None
        if isinstance(said, dict):
            return answer.status_code, said
        if answer.status_code == 200:
            raise AgencyReplyUnreadable("统一身份认证平台的答复无法识别。")
        return answer.status_code, {}

    def _is_its_own(self, address: object) -> bool:
        """Whether an address is the issuer's: same host and port, encrypted."""
        if not isinstance(address, str):
            return False
        try:
            url, home = urlsplit(address), urlsplit(self.client.issuer)
            same = (url.scheme, url.hostname, url.port) == (home.scheme, home.hostname, home.port)
        except ValueError:
            return False
        plain = self.client.plain_http and url.scheme == "http" and url.hostname == "127.0.0.1"
        return same and not url.username and (url.scheme == "https" or plain)
