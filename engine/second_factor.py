"""二次验证: codes of an authenticator app (RFC 6238), and the codes that stand in for it.

The secret is sealed under a data key of its own; recovery codes are kept as keyed hashes.
"""

import secrets
import time

import pyotp
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.models import Account, DataKey, RecoveryCode, SecondFactor
from engine.runtime import Runtime
from engine.sealing import Keyring

#: The name under which an authenticator app lists us.
ISSUER = "退休一件事"
RECOVERY_CODES = 10
#: No letter that looks like another, or like a digit.
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_STEP = 30


def new_secret() -> str:
    """A fresh secret: 160 random bits in base32."""
    return pyotp.random_base32(32)


def address_of(secret: str, login: str) -> str:
    """What the QR code holds for the authenticator app."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def step_of(secret: str, code: str, after: int) -> int | None:
    """The half minute whose code this is: the present one, the last, or the next; else ``None``.

    Args:
        code: as typed, without spaces.
        after: of this half minute, or one before it, no code is taken: it was used.
    """
    now = int(time.time()) // _STEP  # the telephone's time, never the demonstration's
    fitting = [
        step
        for step in (now - 1, now, now + 1)
        if pyotp.utils.strings_equal(code, pyotp.TOTP(secret).generate_otp(step)) and step > after
    ]
    return max(fitting, default=None)


def secret_of(runtime: Runtime, session: Session, factor: SecondFactor) -> str:
    """The opened secret."""
    wrapped = session.scalar(select(DataKey.wrapped).where(DataKey.id == factor.data_key_id))
    return runtime.keyring.unwrap(wrapped).open_text(bytes(factor.secret_sealed))


def proves(runtime: Runtime, session: Session, account: Account, typed: str) -> str:
    """Whether somebody proved it: ``code``, ``recovery`` (which is used up), or empty: no.

    Locks the factor, so that of two who send the same code at the same moment one comes in.
    """
    factor = locked_factor(session, account)
    text = "".join(typed.split()).replace("-", "").upper()
    step = step_of(secret_of(runtime, session, factor), text, factor.last_step)
    if step is not None:
        factor.last_step = step
        return "code"
    used = session.scalar(
        delete(RecoveryCode)
        .where(
            RecoveryCode.account_id == account.id,
            RecoveryCode.code_index == _index(runtime.keyring, account, text),
        )
        .returning(RecoveryCode.account_id)
    )
    return "recovery" if used else ""


def locked_factor(session: Session, account: Account) -> SecondFactor:
    """The account's factor, locked.

    Raises:
        NotFound: none was begun.
    """
    factor = session.scalar(
        select(SecondFactor)
        .where(SecondFactor.account_id == account.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if factor is None:
        raise NotFound("尚未设置二次验证。")
    return factor


def renew_recovery_codes(runtime: Runtime, session: Session, account: Account) -> list[str]:
    """Put ten fresh codes in place of all of before; they are returned once: ``ABCDE-23456``."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(account_id=account.id, code_index=_index(runtime.keyring, account, code))
        for code in codes
    )
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def drop_factor(session: Session, account: Account) -> None:
    """Take factor and recovery codes away; the key of the secret goes with it."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    key = session.scalar(
        delete(SecondFactor)
        .where(SecondFactor.account_id == account.id)
        .returning(SecondFactor.data_key_id)
    )
    if key is not None:
        session.execute(delete(DataKey).where(DataKey.id == key))
    account.second_factor_at = None


def _index(keyring: Keyring, account: Account, code: str) -> bytes:
    return keyring.index(f"recovery {account.id} {code}")
