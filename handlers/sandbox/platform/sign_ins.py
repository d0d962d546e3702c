"""Sign-ins under way at the platform: asked for, confirmed by somebody, exchanged once.

Kept in the sandbox's file, like everything that must survive a restart.
"""

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import Invalid, NotFound
from handlers.adapters.oidc import challenge
from handlers.sandbox.records import Records

#: How long a page to sign in, and the code it ends with, may be used.
LASTS_SECONDS = 600


@dataclass(frozen=True)
class SignIn:
    """One sign-in: what the application asked for, and where it stands."""

    ticket: str
    asked: Mapping[str, str]
    code: str
    claims: Mapping[str, Any]

    @property
    def confirmed(self) -> bool:
        """Whether somebody has scanned it."""
        return bool(self.code)


class SignIns:
    """All of them."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def begin(self, asked: Mapping[str, str]) -> str:
        """Remember what an application asks for; return the ticket its QR code carries."""
        ticket = secrets.token_urlsafe(24)
        with self._records.change() as db:
            db.execute("delete from sign_in where at < ?", (time.time() - LASTS_SECONDS,))
            db.execute(
                "insert into sign_in (ticket, asked, code, claims, at) values (?, ?, '', '{}', ?)",
                (ticket, json.dumps(asked), time.time()),
            )
        return ticket

    def find(self, ticket: str) -> SignIn:
        """One that is under way, or ``NotFound``."""
        with self._records.look() as db:
            row = db.execute(
                "select * from sign_in where ticket = ? and at > ?",
                (ticket, time.time() - LASTS_SECONDS),
            ).fetchone()
        if row is None:
            raise NotFound("二维码已过期，请返回重新登录。")
        asked, claims = json.loads(row["asked"]), json.loads(row["claims"])
        return SignIn(row["ticket"], asked, row["code"], claims)

    def confirm(self, ticket: str, claims: Mapping[str, Any]) -> SignIn:
        """Somebody scanned it: from now on a code stands for what is said of them."""
        self.find(ticket)
        code = secrets.token_urlsafe(32)
        with self._records.change() as db:
            db.execute(
                "update sign_in set code = ?, claims = ? where ticket = ? and code = ''",
                (code, json.dumps(claims), ticket),
            )
        return self.find(ticket)

    def exchange(
        self, code: str, client_id: str, redirect_uri: str, verifier: str
    ) -> tuple[SignIn, str]:
        """Give what a code stands for, once; and the access token for userinfo.

        Raises:
            Invalid: no such code, used before, or asked by somebody else.
        """
        access = secrets.token_urlsafe(32)
        with self._records.change() as db:
            row = db.execute(
                "select * from sign_in where code = ? and code <> '' and at > ?",
                (code, time.time() - LASTS_SECONDS),
            ).fetchone()
            if row is None or row["access"]:
                raise Invalid("invalid_grant")
            asked = json.loads(row["asked"])
            fits = (
                asked["client_id"] == client_id
                and asked["redirect_uri"] == redirect_uri
                and asked["code_challenge"] == challenge(verifier)
            )
            if not fits:
                raise Invalid("invalid_grant")
            db.execute("update sign_in set access = ? where code = ?", (access, code))
        return SignIn(row["ticket"], asked, code, json.loads(row["claims"])), access

    def of_access(self, access: str) -> Mapping[str, Any] | None:
        """What is said of whoever an access token was given for."""
        with self._records.look() as db:
            row = db.execute(
                "select claims from sign_in where access = ? and access <> '' and at > ?",
                (access, time.time() - LASTS_SECONDS),
            ).fetchone()
        return json.loads(row["claims"]) if row else None
