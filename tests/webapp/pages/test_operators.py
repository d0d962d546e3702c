"""经办人: a unit's administrator sets up, scopes and disables operators, of subordinates, too."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.access import Actor
from engine.accounts import actor_of
from engine.commands.add_operator import add_operator
from engine.commands.begin_session import begin_session
from engine.commands.start_case import start_case
from engine.errors import Forbidden, Invalid
from engine.models import Account, AccountEvent, Case, PersonFile, Unit
from engine.people import record_sections, register_person
from engine.queries.find_cases import find_cases
from engine.queries.worklist import worklist
from engine.sign_in_sessions import Browser
from tests.stage import CHECK, PREREVIEW, RETIREE, Stage
from tests.webapp.pages.conftest import As
from tests.webapp.pages.visitor import Visitor

OPERATORS = "/unit/operators/"
SUB = "91220199MA0X000046"


@pytest.fixture
def boss(stage: Stage) -> Actor:
    return stage.account("guanliyuan", "关丽媛", "unit", unit_id=stage.unit_id, unit_admin=True)


def account(stage: Stage, login: str) -> Account:
    with stage.runtime.reading() as session:
        return session.scalars(select(Account).where(Account.login == login)).one()


def acting(stage: Stage, login: str) -> Actor:
    with stage.runtime.reading() as session:
        actor = actor_of(session, account(stage, login).id)
    assert actor is not None
    return actor


def set_up(page: Visitor, login: str = "xiaoyu", **more: object) -> str:
    """Set an operator up on the page; returns the temporary password that is shown."""
    page.open(OPERATORS).press("设立", name="于小川", login=login, **more)
    assert page.says("经办人账号已建立"), page.words
    return str(page.page.xpath("//dl[@class='app-once mt-2 mb-0']//code")[1].text)


def test_an_operator_chooses_a_password_of_its_own_before_anything_else(
    visit: As, boss: Actor
) -> None:
    page = visit("guanliyuan")
    password = set_up(page)
    assert password not in page.open(OPERATORS).words

    operator = visit().open("/sign-in")
    operator.press("登录", login="xiaoyu", password=password)
    assert operator.headline == "请先设置您自己的密码"
    assert operator.open("/my/").headline == "请先设置您自己的密码"
    operator.press("保存", old=password, new="short")
    assert operator.status == 422 and operator.says("不少于 12 位")
    operator.press("保存", old="wrong", new="a password of mine")
    assert operator.says("原密码不正确")
    operator.press("保存", old=password, new="a password of mine")
    assert operator.headline == "企业办事"


def test_mistakes_are_pointed_out_and_nothing_typed_is_lost(visit: As, boss: Actor) -> None:
    page = visit("guanliyuan").open(OPERATORS)
    page.press("设立", name="于", login="AB", id_no="123")
    assert page.status == 422
    assert page.says("登录名应为 4 至 30 个", "姓名应为 2 至 60 个字", "公民身份号码应为 18 位")
    assert page.page.xpath("//input[@id='login']/@value") == ["AB"]
    page.press("设立", name="于小川", login="xiaoli", id_no="")
    assert page.says("该登录名已被使用")


def test_an_operator_is_kept_out_of_what_is_not_ticked(
    stage: Stage, visit: As, boss: Actor
) -> None:
    with stage.runtime.transaction() as session:
        file, _ = register_person(stage.runtime, session, "jilin", RETIREE)
        record_sections(
            *(stage.runtime, session, file),
            {"prereview": PREREVIEW, "contribution_check": CHECK},
            "人社",
        )
    started = start_case(
        stage.runtime, "jilin", "joint_case",
        {"name": RETIREE["name"], "id_no": RETIREE["id_no"]}, boss,
    )  # fmt: skip
    page = visit("guanliyuan")
    set_up(page)
    operator = acting(stage, "xiaoyu")
    assert [case.no for case in find_cases(stage.runtime, operator, "").rows] == [started.no]
    assert len(worklist(stage.runtime, operator).rows) == 1

    page.open(f"{OPERATORS}{account(stage, 'xiaoyu').id}")
    form = page.page.xpath("//form[contains(@action, '/scope')]")[0]
    ticked = [box.get("value") for box in form.xpath(".//input[@type='checkbox'][@checked]")]
    assert "jilin/joint_case" in ticked
    path, post = page.post_of("保存范围")
    post.setlist("process", [one for one in ticked if one != "jilin/joint_case"])
    page.send((path, post))
    assert page.says("办理范围已更改", "不可办理 1 项")

    operator = acting(stage, "xiaoyu")
    assert operator.barred == {"jilin/joint_case"}
    assert find_cases(stage.runtime, operator, "").rows == []
    assert worklist(stage.runtime, operator).rows == []
    task = worklist(stage.runtime, boss).rows[0]
    with pytest.raises(Forbidden):
        start_case(stage.runtime, "jilin", "joint_case", {}, operator)
    limited = Visitor(visit().client.application, None)  # type: ignore[arg-type]
    assert operator.account_id
    lasts = timedelta(hours=1)
    token = begin_session(stage.runtime, operator.account_id, Browser(), "identity/jilin", lasts)
    with limited.client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = token, True
    assert limited.open(f"/tasks/{task.id}").status == 404
    assert limited.open(f"/my/cases/{started.no}").status == 404


def test_a_disabled_operator_is_out_at_once_and_may_come_back(
    stage: Stage, visit: As, boss: Actor
) -> None:
    page = visit("guanliyuan")
    ming = visit("aming")
    page.open(f"{OPERATORS}{stage.ming.account_id}").press("停用")
    assert page.says("已停用", "停用经办人阿明")
    assert ming.open("/my/").headline == "登录"
    page.open(f"{OPERATORS}{stage.ming.account_id}").press("恢复启用")
    assert visit("aming").headline == "企业办事"
    with stage.runtime.reading() as session:
        kinds = session.scalars(select(AccountEvent.kind).order_by(AccountEvent.id)).all()
    assert kinds == ["disabled", "enabled"]


def test_a_new_temporary_password_replaces_the_old_one(
    stage: Stage, visit: As, boss: Actor
) -> None:
    page = visit("guanliyuan").open(f"{OPERATORS}{stage.ming.account_id}")
    page.press("重设临时密码")
    password = str(page.page.xpath("//dl//code")[1].text)
    operator = visit().open("/sign-in")
    operator.press("登录", login="aming", password=password)
    assert operator.headline == "请先设置您自己的密码"


def test_only_a_units_administrator_sees_the_page_and_only_its_own_accounts(
    stage: Stage, visit: As, boss: Actor
) -> None:
    assert visit("aming").open(OPERATORS).status == 403
    assert visit("xiaoli").open(OPERATORS).status == 403
    page = visit("guanliyuan")
    assert page.open(f"{OPERATORS}{stage.rival.account_id}").status == 404
    assert page.open(f"{OPERATORS}{stage.li.account_id}").status == 404
    path, post = page.open(f"{OPERATORS}{stage.ming.account_id}").post_of("停用")
    for other in (stage.rival, stage.li):
        page.send((path.replace(str(stage.ming.account_id), str(other.account_id)), post))
        assert page.status == 404
    page.send((path.replace(str(stage.ming.account_id), str(boss.account_id)), post))
    assert page.says("不能更改自己的账号")


def test_a_subordinates_operator_acts_under_the_group_and_sees_its_own_people_only(
    stage: Stage, visit: As, boss: Actor
) -> None:
    page = visit("guanliyuan").open(OPERATORS)
    page.press("登记下级单位", sub_name="第一分公司", sub_uscc=SUB)
    assert page.says("下级单位“第一分公司”已登记", "随本单位参保")
    page.press("登记下级单位", sub_name="别的单位", sub_uscc="91640199MA76000049")
    assert page.status == 422 and page.says("该代码已单独登记，不能自行划入")
    with stage.runtime.reading() as session:
        sub = session.scalars(select(Unit).where(Unit.uscc == SUB)).one()
    set_up(page, unit=str(sub.id))
    operator = acting(stage, "xiaoyu")
    assert operator.units == {sub.id}

    registration = {key: RETIREE[key] for key in ("name", "id_no", "mobile", "employment", "uscc")}
    started = start_case(stage.runtime, "jilin", "prereview", registration, operator)

    with stage.runtime.reading() as session:
        case = session.get_one(Case, started.case_id)
        file = session.get_one(PersonFile, case.file_id)
        assert (case.unit_id, file.unit_id) == (sub.id, sub.id)
    group = acting(stage, "guanliyuan")  # rights are read afresh with every request
    assert [one.no for one in find_cases(stage.runtime, group, "").rows] == [started.no]
    assert visit("guanliyuan").open(f"/my/cases/{started.no}").says(RETIREE["uscc"])
    # another subordinate neither sees nor takes the person
    with stage.runtime.transaction() as session:
        other = Unit(name="第二分公司", uscc="91220199MA0X000033", parent_id=stage.unit_id)
        other.own_account = False
        session.add(other)
        session.flush()
        other_id = other.id
    sister = stage.account("sister", "二公司", "unit", unit_id=other_id)
    assert find_cases(stage.runtime, sister, "").rows == []
    with pytest.raises(Invalid) as refused:
        start_case(stage.runtime, "jilin", "prereview", registration, sister)
    assert "第一分公司" in refused.value.errors["id_no"]


def test_nobody_sets_up_operators_for_another_unit(stage: Stage, boss: Actor) -> None:
    assert stage.rival.unit_id is not None
    with pytest.raises(Invalid):
        add_operator(stage.runtime, boss, login="spion", name="间谍", unit_id=stage.rival.unit_id)
    with pytest.raises(Forbidden):
        add_operator(stage.runtime, stage.ming, login="spion", name="间谍")
