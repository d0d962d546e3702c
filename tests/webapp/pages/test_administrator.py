"""The administrator's pages."""

from dataclasses import replace
from datetime import timedelta

import pytest
from apiflask import APIFlask

from engine.demo_clock import DemoClock
from engine.errors import AgencyReplyUnreadable
from engine.models import AgencySetting
from engine.queries.administration import next_timers
from tests.engine.test_way_of_a_case import (
    HOUSEHOLD,
    CallResult,
    answer,
    apply_for_everything,
    call_of,
)
from tests.stage import Stage
from tests.webapp.pages.conftest import As


def agency(stage: Stage, code: str) -> AgencySetting:
    with stage.runtime.reading() as session:
        return session.get_one(AgencySetting, ("jilin", code))


def test_an_incident_is_retried_with_a_note(stage: Stage, visit: As) -> None:
    no = apply_for_everything(stage)
    answer(stage, "police/household_check", AgencyReplyUnreadable("答复无法识别"))
    li = visit("xiaoli").open("/admin/incidents")
    assert li.says(no, "答复无法识别")
    li.press("重新办理", note="接口已恢复")
    assert li.says("已重新发出", "没有待处理的异常")
    assert call_of(stage, "police/household_check").state == "unknown"
    assert li.open("/admin/incidents?closed=1").says("接口已恢复")


def test_two_who_retry_do_it_once(stage: Stage, visit: As) -> None:
    apply_for_everything(stage)
    answer(stage, "police/household_check", AgencyReplyUnreadable("答复无法识别"))
    li = visit("xiaoli").open("/admin/incidents")
    post = li.post_of("重新办理")
    li.send(post)
    li.send(post)
    assert li.says("该异常已处理")


def test_nobody_administers_another_region(stage: Stage, visit: As) -> None:
    apply_for_everything(stage)
    answer(stage, "police/household_check", AgencyReplyUnreadable("答复无法识别"))
    wang = visit("laowang")
    assert wang.open("/admin/incidents").says("没有待处理的异常")
    assert not wang.open("/admin/agencies").says("示范市医疗保险经办中心")
    assert wang.open("/admin/agencies/jilin/medical").status == 404
    assert wang.open("/admin/calls").says("没有服务请求")


def test_an_agencys_live_settings_are_changed(stage: Stage, visit: As) -> None:
    li = visit("xiaoli").open("/admin/agencies/jilin/medical")
    li.press("保存", phone="0430-5559999", mode="manual", endpoint="")
    assert li.says("设置已保存", "0430-5559999", "人工登记")
    assert agency(stage, "medical").mode == "manual"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("title", "", "请填写部门名称"),
        ("endpoint", "javascript:alert(1)", "接口地址"),
        ("endpoint", "http://[", "接口地址"),
        ("phone", "1" * 61, "不能超过 60 个字"),
        ("hours", "\x00" * 3, None),
    ],
)
def test_wrong_settings_are_refused_at_their_field_with_everything_kept(
    stage: Stage, visit: As, field: str, value: str, words: str | None
) -> None:
    before = agency(stage, "medical")
    li = visit("xiaoli").open("/admin/agencies/jilin/medical")
    path, form = li.post_of("保存", address="新址")
    form[field] = value
    li.send((path, form))
    if words is None:
        assert li.status == 400
    else:
        assert li.status == 422
        assert li.says(words)
        assert li.page.xpath("//input[@name='address']/@value") == ["新址"]
    assert agency(stage, "medical").title == before.title
    assert agency(stage, "medical").address == before.address


def test_a_unit_is_registered_once_and_by_a_right_code(visit: As) -> None:
    li = visit("xiaoli").open("/admin/people")
    li.press("登记单位", name="示范市新办企业", uscc="91220199MA0X00002U")
    assert li.status == 422
    li.press("登记单位", uscc="91220199ma0x000020")
    assert li.says("“示范市新办企业”已登记", "91220199MA0X000020")
    li.press("登记单位", name="另一家", uscc="91220199MA0X000020")
    assert li.says("该代码已登记为“示范市新办企业”")


def test_releases_show_what_new_cases_begin_with(stage: Stage, visit: As) -> None:
    apply_for_everything(stage)
    assert visit("xiaoli").open("/admin/releases").says("使用中")


def test_calls_are_listed_by_state(stage: Stage, visit: As) -> None:
    no = apply_for_everything(stage)
    li = visit("xiaoli")
    assert li.open("/admin/calls?state=queued").says(no, "核验户籍信息")
    assert li.open("/admin/calls?state=succeeded").says("没有服务请求")


@pytest.fixture
def clock(stage: Stage, app: APIFlask) -> DemoClock:
    """The demonstration's clock in place of the stage's standing one."""
    clock = DemoClock(stage.runtime.sessions)
    app.extensions["runtime"] = replace(stage.runtime, clock=clock)
    return clock


@pytest.mark.parametrize(
    ("button", "least", "most"),
    [("前进 1 天", 1, 1), ("前进 5 个工作日", 5, 16), ("前进 1 个月", 28, 31)],
)
def test_the_demo_clock_moves_forward(
    visit: As, clock: DemoClock, button: str, least: int, most: int
) -> None:
    before = clock.now()
    li = visit("xiaoli").open("/admin/clock").press(button)
    assert li.says("演示时间已推进")
    moved = clock.now() - before
    assert timedelta(days=least) <= moved <= timedelta(days=most, minutes=5)


def test_the_demo_clock_moves_to_what_is_due_next(
    stage: Stage, visit: As, clock: DemoClock
) -> None:
    li = visit("xiaoli").open("/admin/clock")
    assert li.page.xpath("//button[@value='next'][@disabled]")
    clock.advance(stage.clock.now() - clock.now())
    apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", business=HOUSEHOLD))
    li.open("/admin/clock").press("前进到下一件到时的事")
    assert next_timers(stage.runtime)[0][0].due_at <= clock.now()


def test_there_is_no_demo_clock_in_production(app: APIFlask, visit: As, clock: DemoClock) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], demo=False)
    li = visit("xiaoli")
    assert li.open("/admin/clock").status == 404
    assert not li.open("/tasks").says("演示时钟")
