"""密码: a new one, and what the old one opened."""

from sqlalchemy.orm import Session

from engine.accounts import hash_password
from engine.api_keys import end_keys_of
from engine.models import Account
from engine.second_factor import drop_factor
from engine.sign_in_sessions import end_sessions_of


def set_password(
    session: Session, account: Account, password: str, *, temporary: bool, keep: bytes | None = None
) -> None:
    """Give an account a password; whoever knew the old one is out.

    Sessions and keys for programs end, and a second factor that was begun but never confirmed is
    forgotten: somebody else may have seen its secret.

    Args:
        temporary: somebody else knows it, so its owner chooses another one first of all.
        keep: the session it is changed in goes on.
    """
    account.password_hash, account.temporary = hash_password(password), temporary
    end_sessions_of(session, account.id, but=keep)
    end_keys_of(session, account.id)
    if account.second_factor_at is None:
        drop_factor(session, account)
