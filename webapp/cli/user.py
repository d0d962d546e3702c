"""``yijianshi user``: who may sign in."""

import secrets
from collections.abc import Sequence
from typing import get_args
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.access import Grant
from engine.accounts import add_account
from engine.errors import Invalid
from engine.identity import check_id_no, check_uscc
from engine.models import Account, Office, Person, Unit
from engine.operators import note
from engine.packs.region import Lane
from engine.passwords import set_password
from engine.queries.administration import accounts
from engine.runtime import Runtime
from engine.second_factor import drop_factor
from engine.sign_in_sessions import end_sessions_of
from engine.tries import CODE, LOGIN, forget_tries
from webapp import words
from webapp.cli._installation import installation

#: Shorter passwords are guessed.
SHORTEST = 12
#: How an account says that a clerk saw the person and the identity card.
IN_PERSON = "window"
#: What staff may be granted; units and persons act as what they are.
_ROLES = sorted(
    set(get_args(Lane.model_fields["role"].annotation))
    - {"applicant", "unit", "person", "custodian", "system"}
)


@click.group()
def command() -> None:
    """账号。"""


@command.command()
@click.argument("login")
@click.option("--name", required=True, help="姓名。")
@click.option("--office", default="", help="单位、科室或窗口，显示在姓名之后。")
@click.option(
    "--role",
    "grants",
    multiple=True,
    metavar="ROLE@REGION[/OFFICE]",
    help=f"工作人员的角色、地区和（只管一个机构的）机构代码，可写多个。角色有：{'、'.join(_ROLES)}。",
)
@click.option("--unit", "uscc", help="单位经办人：所属单位的统一社会信用代码。")
@click.option("--person", "id_no", help="退休人员本人：身份证号。")
@click.option("--unit-admin", is_flag=True, help="与 --unit 同用：本单位管理员，可设立经办人。")
@click.option("--verified", is_flag=True, help="与 --person 同用：已当面核验本人身份，可自行申请。")
@click.option("--ask-password", is_flag=True, help="由您输入密码；不写则生成临时密码，显示一次。")
def add(
    login: str,
    name: str,
    office: str,
    grants: Sequence[str],
    uscc: str | None,
    id_no: str | None,
    unit_admin: bool,
    verified: bool,
    ask_password: bool,
) -> None:
    """新建账号：工作人员（--role）、单位经办人（--unit）或退休人员本人（--person）。"""
    if [bool(grants), bool(uscc), bool(id_no)].count(True) != 1:
        raise click.UsageError("请在 --role、--unit、--person 中选一种。")
    if (unit_admin and not uscc) or (verified and not id_no):
        raise click.UsageError("--unit-admin 与 --unit 同用，--verified 与 --person 同用。")
    kind = "staff" if grants else "unit" if uscc else "person"
    password = _asked() if ask_password else secrets.token_urlsafe(SHORTEST)
    with installation() as opened:
        rights = tuple(_grant(text) for text in grants)
        for right in rights:
            opened.require_region(right.region)
        try:
            with opened.runtime.transaction() as session:
                _require_offices(session, rights)
                add_account(
                    *(session, login, name, password, kind),
                    office=office,
                    unit_id=_unit(session, uscc) if uscc else None,
                    person_id=_person(opened.runtime, session, id_no) if id_no else None,
                    grants=rights,
                    unit_admin=unit_admin,
                    verified=IN_PERSON if verified else "",
                    temporary=not ask_password,
                )
        except IntegrityError:
            raise Invalid(f"账号“{login}”已存在。") from None
    click.echo(f"账号“{login}”已建立。")
    if not ask_password:
        click.echo(f"初始密码（只显示这一次，首次登录须更改）：{password}")


@command.command(name="list")
def list_() -> None:
    """列出账号。"""
    with installation() as opened:
        lines = accounts(opened.runtime)
    for line in lines:
        roles = "、".join(words.ROLES.get(role, role) for role in line.roles)
        state = "" if line.account.active else "　已停用"
        click.echo(f"{line.account.login}　{line.account.name}　{roles or line.unit}{state}")
    click.echo(f"共 {len(lines)} 个账号。")


@command.command()
@click.argument("login")
def disable(login: str) -> None:
    """停用账号；已登录的随即退出。办过的事和历史记录不受影响。"""
    with installation() as opened, opened.runtime.transaction() as session:
        account = _account(session, login)
        account.active = False
        end_sessions_of(session, account.id)
    click.echo(f"账号“{login}”已停用。")


@command.command()
@click.argument("login")
def password(login: str) -> None:
    """为账号重设临时密码，只显示一次；首次登录须更改。"""
    made = secrets.token_urlsafe(SHORTEST)
    with installation() as opened, opened.runtime.transaction() as session:
        account = _account(session, login)
        set_password(session, account, made, temporary=True)
        by = opened.operator.name
        note(opened.runtime, session, account, "password", by, f"重设{account.name}的密码")
    click.echo(f"账号“{login}”的临时密码（只显示这一次）：{made}")


@command.command()
@click.argument("login")
def unlock(login: str) -> None:
    """解除锁定：密码或验证码连续输错的账号可以马上再试。"""
    with installation() as opened, opened.runtime.transaction() as session:
        account = _account(session, login)
        tried = ((LOGIN, account.login), (CODE, str(account.id)))
        forget_tries(session, opened.runtime.keyring, *tried)
        title = f"解除{account.name}的锁定"
        note(opened.runtime, session, account, "unlocked", opened.operator.name, title)
    click.echo(f"账号“{login}”已解除锁定。")


@command.command(name="reset-factor")
@click.argument("login")
def reset_factor(login: str) -> None:
    """重置二次验证：手机和恢复码都丢失时用；本人下次登录重新设置。"""
    with installation() as opened, opened.runtime.transaction() as session:
        account = _account(session, login)
        drop_factor(session, account)
        end_sessions_of(session, account.id)
        title = f"重置{account.name}的二次验证"
        note(opened.runtime, session, account, "factor", opened.operator.name, title)
    click.echo(f"账号“{login}”的二次验证已重置。")


def _account(session: Session, login: str) -> Account:
    account = session.scalar(select(Account).where(Account.login == login))
    if account is None:
        raise click.BadParameter(f"没有账号“{login}”。")
    return account


def _asked() -> str:
    password: str = click.prompt("密码", hide_input=True, confirmation_prompt="再输入一次")
    if len(password) < SHORTEST:
        raise click.UsageError(f"密码至少 {SHORTEST} 位。")
    return password


def _grant(text: str) -> Grant:
    role, _, place = text.partition("@")
    region, _, office = place.partition("/")
    if role not in _ROLES or not region:
        known = "、".join(_ROLES)
        raise click.BadParameter(
            f"“{text}”应写成 角色@地区 或 角色@地区/机构，例如 {_ROLES[0]}@jilin。角色有：{known}。"
        )
    return Grant(role, region, office)


def _require_offices(session: Session, rights: Sequence[Grant]) -> None:
    """A right for an office nobody knows would be a right for nothing."""
    for right in rights:
        if right.office and session.get(Office, (right.region, right.office)) is None:
            raise Invalid(f"地区“{right.region}”没有机构“{right.office}”。")


def _unit(session: Session, uscc: str) -> UUID:
    found = session.scalar(select(Unit.id).where(Unit.uscc == check_uscc(uscc)))
    if found is None:
        raise Invalid("该统一社会信用代码尚未登记，请先登记用人单位。")
    return found


def _person(runtime: Runtime, session: Session, id_no: str) -> UUID:
    index = runtime.keyring.index(check_id_no(id_no))
    found = session.scalar(select(Person.id).where(Person.id_no_index == index))
    if found is None:
        raise Invalid("该人员尚未登记。")
    return found
