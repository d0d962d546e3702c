"""经办人: a unit's administrator looks after its operators and its subordinate units."""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.add_operator import NewOperator, add_operator
from engine.commands.add_subordinate import add_subordinate
from engine.commands.change_operator import renew_password, scope_operator, switch_operator
from engine.errors import Conflict, Invalid, NotFound
from engine.queries.operators import offered_processes, operators
from webapp.context import actor, runtime
from webapp.identity import local_accounts_only_for_staff, platforms

pages = Blueprint("operators", __name__, url_prefix="/unit/operators")


@pages.get("/")
def show() -> ResponseReturnValue:
    """List operators, subordinate units, and what was done."""
    return _page()


@pages.post("/")
def add() -> ResponseReturnValue:
    """Set up an operator; its temporary password is shown this once."""
    typed = _typed("login", "name", "id_no", "unit")
    only_platform = local_accounts_only_for_staff()
    errors = {}
    if only_platform and not typed["id_no"]:
        errors["id_no"] = "经办人通过统一身份认证平台登录，请填写身份证号。"
    try:
        if errors:
            raise Invalid(errors=errors)
        made = add_operator(
            runtime(),
            actor(),
            login=typed["login"],
            name=typed["name"],
            id_no=typed["id_no"],
            unit_id=_uuid(typed["unit"]),
            barred=_barred(),
        )
    except Invalid as error:
        return _page(typed, error.errors), 422
    if only_platform:
        flash(f"经办人“{typed['name']}”已设立，本人可以通过统一身份认证平台登录。", "success")
        return redirect(url_for("operators.show"))
    return _page(made=made)


@pages.get("/<uuid:account_id>")
def one(account_id: UUID) -> ResponseReturnValue:
    """Show what an operator may do."""
    return _one(account_id)


@pages.post("/<uuid:account_id>/scope")
def scope(account_id: UUID) -> ResponseReturnValue:
    """Say for which unit it works and what it may do."""
    unit_id = _uuid(request.form.get("unit", ""))
    if unit_id is None:
        raise NotFound
    scope_operator(runtime(), account_id, unit_id, _barred(), actor())
    flash("办理范围已更改，立即生效。", "success")
    return redirect(url_for("operators.show"))


@pages.post("/<uuid:account_id>/switch")
def switch(account_id: UUID) -> ResponseReturnValue:
    """Disable or enable it."""
    active = request.form.get("active") == "1"
    try:
        switch_operator(runtime(), account_id, active, actor())
    except Conflict as error:
        flash(error.message, "warning")
    else:
        flash("已恢复。" if active else "已停用，该经办人随即退出登录。", "success")
    return redirect(url_for("operators.show"))


@pages.post("/<uuid:account_id>/password")
def password(account_id: UUID) -> ResponseReturnValue:
    """Give it a new temporary password, shown this once."""
    return _one(account_id, password=renew_password(runtime(), account_id, actor()))


@pages.post("/units")
def add_unit() -> ResponseReturnValue:
    """Put a subordinate unit on record."""
    typed = _typed("sub_name", "sub_uscc")
    try:
        add_subordinate(runtime(), typed["sub_name"], typed["sub_uscc"], actor())
    except Invalid as error:
        return _page(typed, error.errors), 422
    flash(f"下级单位“{typed['sub_name']}”已登记。", "success")
    return redirect(url_for("operators.show"))


def _typed(*names: str) -> dict[str, str]:
    return {name: request.form.get(name, "").strip()[:200] for name in names}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _barred() -> list[str]:
    """What was offered and not ticked."""
    offered = offered_processes(runtime(), actor())
    return sorted(set(offered) - set(request.form.getlist("process")))


def _page(
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    made: NewOperator | None = None,
) -> str:
    return render_template(
        "operators/list.html",
        found=operators(runtime(), actor()),
        typed=typed or {},
        errors=errors or {},
        ticked=set(request.form.getlist("process")) if typed else None,
        made=made,
        only_platform=local_accounts_only_for_staff(),
        platforms=[one.title for one in platforms().values()],
    )


def _one(account_id: UUID, password: str = "") -> str:
    found = operators(runtime(), actor())
    account, unit = next(
        (pair for pair in found.accounts if pair[0].id == account_id), (None, None)
    )
    if account is None:
        raise NotFound
    return render_template(
        "operators/one.html",
        found=found,
        account=account,
        unit=unit,
        password=password,
        events=[event for event in found.events if event.account_id == account_id],
        only_platform=local_accounts_only_for_staff(),
    )
