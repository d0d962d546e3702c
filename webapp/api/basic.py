"""HTTP Basic for programs: a login, and an API key or password, with every request.

Where an account has a second factor, or one is asked of it, its password alone opens nothing: its
program sends an API key instead, made on the page 登录设备 by whoever proved both.
"""

import hmac
import secrets
import time
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from uuid import UUID

from flask import Request, abort
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.accounts import actor_of
from engine.api_keys import PREFIX, actor_of_key
from engine.commands.begin_session import check_password
from engine.errors import Forbidden
from engine.models import Account
from webapp import identity
from webapp.context import runtime, settings
from webapp.sign_in import SignedIn

REMEMBERED_SECONDS = 60
MOST_REMEMBERED = 10_000
_KEY_NEEDED = (
    "该账号启用了二次验证，程序不能只凭密码调用接口。请在“登录设备”页生成接口密钥，代替密码使用。"
)


@dataclass(frozen=True)
class _Entry:
    account_id: UUID
    password_hash: str
    until: float


class RecentSignIns:
    """Passwords found right within the last minute, so that not every request costs 100 ms.

    Kept in this process's memory under a keyed hash with a key of its own: a memory dump shows no
    password. Rights are never remembered, and a changed password or a disabled account counts at
    once, because the account is read on every request.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._entries: dict[bytes, _Entry] = {}
        self._lock = Lock()

    def remember(self, login: str, password: str, account: Account) -> None:
        """Remember that this password was right just now."""
        now = time.monotonic()
        entry = _Entry(account.id, account.password_hash, now + REMEMBERED_SECONDS)
        with self._lock:
            if len(self._entries) >= MOST_REMEMBERED:
                self._entries = {k: e for k, e in self._entries.items() if e.until > now}
            if len(self._entries) < MOST_REMEMBERED:
                self._entries[self._name(login, password)] = entry

    def find(self, session: Session, login: str, password: str) -> Account | None:
        """Return the account whose password this was within the last minute and still is."""
        name = self._name(login, password)
        with self._lock:
            entry = self._entries.get(name)
            if entry is not None and entry.until < time.monotonic():
                del self._entries[name]
                entry = None
        if entry is None:
            return None
        account = session.get(Account, entry.account_id)
        if account is None or account.password_hash != entry.password_hash:
            return None
        return account

    def _name(self, login: str, password: str) -> bytes:
        text = f"{len(login)} {login}{password}"  # no login ends where a password begins
        return hmac.new(self._key, text.encode("utf-8", "surrogatepass"), sha256).digest()


recent = RecentSignIns()


def from_basic(request: Request) -> SignedIn | None:
    """Who sends this request, if it says so by HTTP Basic and is asking the API."""
    given = request.authorization
    if given is None or given.type != "basic":
        return None
    if not request.path.startswith(("/api/", "/metrics")):
        return None
    login, password = given.username or "", given.password or ""
    if len(login) > 60 or len(password) > 200 or not (login + password).isprintable():
        return None
    if password.startswith(PREFIX):
        return _by_key(login, password)
    actor = _by_password(login, password, request)
    return SignedIn(actor, "basic") if actor else None


def _by_key(login: str, key: str) -> SignedIn | None:
    """A key cannot be guessed, so wrong ones are not counted: a program whose key has ended must
    not shut out the clerks who share its address."""
    with runtime().reading() as session:
        actor = actor_of_key(session, login, key)
    return SignedIn(actor, "key") if actor else None


def _by_password(login: str, password: str, request: Request) -> Actor | None:
    with runtime().reading() as session:
        account = recent.find(session, login, password)
        if account is not None:
            return _actor(session, account)
    checked = check_password(runtime(), login, password, request.remote_addr or "")
    if checked.shut:
        abort(429)
    if checked.account is None:
        return None
    recent.remember(login, password, checked.account)
    with runtime().reading() as session:
        return _actor(session, checked.account)


def _actor(session: Session, account: Account) -> Actor | None:
    if account.temporary:
        return None  # a password somebody else knows only serves to choose another
    if account.kind != "staff" and identity.local_accounts_only_for_staff():
        return None
    if account.second_factor_at is not None or settings().asks_second_factor(account.kind):
        raise Forbidden(_KEY_NEEDED)
    return actor_of(session, account.id)
