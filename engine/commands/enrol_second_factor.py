"""Setting up a second factor: a secret for the telephone, then a code that shows it arrived."""

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.api_keys import end_keys_of
from engine.errors import Conflict, Forbidden, Invalid, NotFound
from engine.models import Account, DataKey, SecondFactor, SignInSession
from engine.operators import note
from engine.runtime import Runtime
from engine.second_factor import (
    address_of,
    drop_factor,
    locked_factor,
    new_secret,
    proves,
    renew_recovery_codes,
    secret_of,
)
from engine.sign_in_sessions import end_sessions_of
from engine.tries import CODE, count_tries, forget_tries, in_words, seconds_shut

WRONG = "验证码不正确。请输入手机上正在显示的 6 位数字；每个验证码只能用一次。"


@dataclass(frozen=True)
class Enrolment:
    """What the telephone is to be told; ``address`` as a QR code, ``secret`` to be typed."""

    secret: str
    address: str


def begin_enrolment(runtime: Runtime, actor: Actor, session_id: bytes) -> Enrolment:
    """Return the secret of an enrolment that is not confirmed yet, making one the first time.

    A secret shown in one session is not shown in another: whoever had the password for a while
    would know the factor of whoever enrols later.

    Raises:
        Forbidden: not staff.
        Conflict: a factor is enrolled already.
    """
    with runtime.transaction() as session:
        account = _staff(session, actor)
        if account.second_factor_at is not None:
            raise Conflict("二次验证已经启用。")
        factor = session.get(SecondFactor, account.id)
        if factor is None or factor.session_id != session_id:
            drop_factor(session, account)  # another session has seen that secret
            factor = _new_factor(runtime, session, account, session_id)
        secret = secret_of(runtime, session, factor)
        return Enrolment(secret, address_of(secret, account.login))


def confirm_enrolment(runtime: Runtime, actor: Actor, session_id: bytes, code: str) -> list[str]:
    """Enrol the factor, as the code shows that the telephone has it; return recovery codes.

    The session it happens in has proved it; all others of the account end.

    Raises:
        Forbidden: not staff.
        NotFound: no enrolment was begun.
        Conflict: a factor is enrolled already.
        Invalid: the code is wrong, or too many were; ``errors`` names the field.
    """
    with runtime.transaction() as session:
        account = _staff(session, actor)
        if account.second_factor_at is not None:
            raise Conflict("二次验证已经启用。")
        if locked_factor(session, account).session_id != session_id:
            raise NotFound("二维码已更换，请用手机重新扫描。")
        wrong = _unproved(runtime, session, account, code)
        codes = [] if wrong else _enrol(runtime, session, account, session_id)
    if wrong:
        raise Invalid(errors={"code": wrong})
    return codes


def renew_codes(runtime: Runtime, actor: Actor, code: str) -> list[str]:
    """Put fresh recovery codes in place of the old ones; they are returned once.

    Raises:
        Forbidden, NotFound, Invalid: see ``confirm_enrolment``.
    """
    with runtime.transaction() as session:
        account = _staff(session, actor)
        wrong = _unproved(runtime, session, account, code)
        codes = [] if wrong else renew_recovery_codes(runtime, session, account)
        if not wrong:
            note(runtime, session, account, "factor", actor.name, "更换恢复码")
    if wrong:
        raise Invalid(errors={"code": wrong})
    return codes


def replace_factor(runtime: Runtime, actor: Actor, session_id: bytes, code: str) -> None:
    """Take the factor away, e.g. for a new telephone; a code of the old one is asked for.

    Raises:
        Forbidden, NotFound, Invalid: see ``confirm_enrolment``.
    """
    with runtime.transaction() as session:
        account = _staff(session, actor)
        wrong = _unproved(runtime, session, account, code)
        if not wrong:
            drop_factor(session, account)
            _mark(session, session_id, proved=False)
            note(runtime, session, account, "factor", actor.name, "停用原手机的二次验证")
    if wrong:
        raise Invalid(errors={"code": wrong})


def _staff(session: Session, actor: Actor) -> Account:
    account = session.scalar(
        select(Account).where(Account.id == actor.account_id).with_for_update()
    )
    if account is None or account.kind != "staff":
        raise Forbidden("二次验证供工作人员使用。")
    return account


def _new_factor(
    runtime: Runtime, session: Session, account: Account, session_id: bytes
) -> SecondFactor:
    key, wrapped = runtime.keyring.new_key()
    data_key = DataKey(wrapped=wrapped)
    session.add(data_key)
    session.flush()
    factor = SecondFactor(
        account_id=account.id,
        data_key_id=data_key.id,
        secret_sealed=key.seal_text(new_secret()),
        session_id=session_id,
    )
    session.add(factor)
    session.flush()
    return factor


def _unproved(runtime: Runtime, session: Session, account: Account, code: str) -> str:
    """What is wrong with a code, in words; wrong ones are counted and so are to be committed."""
    tried = (CODE, str(account.id))
    shut = seconds_shut(session, runtime.keyring, tried)
    if shut:
        return f"输错次数过多，请 {in_words(shut)}后再试。"
    if not proves(runtime, session, account, code):
        count_tries(session, runtime.keyring, tried)
        return WRONG
    forget_tries(session, runtime.keyring, tried)
    return ""


def _enrol(runtime: Runtime, session: Session, account: Account, session_id: bytes) -> list[str]:
    account.second_factor_at = session.scalar(select(func.now()))
    _mark(session, session_id, proved=True)
    end_sessions_of(session, account.id, but=session_id)
    end_keys_of(session, account.id)  # made by whoever had the password alone
    note(runtime, session, account, "factor", account.name, f"{account.name}启用二次验证")
    return renew_recovery_codes(runtime, session, account)


def _mark(session: Session, session_id: bytes, *, proved: bool) -> None:
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id)
        .values(second_factor_at=func.now() if proved else None)
    )
