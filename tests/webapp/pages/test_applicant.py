"""The applicant's own pages: what to do next, how else it can be done, and what was begun."""

from sqlalchemy import select

from engine.models import ServiceCall
from handlers.jobs import Exchange, Jobs
from tests.engine.test_way_of_a_case import apply_for_everything, approved, put_on_record
from tests.stage import RETIREE, Stage
from tests.webapp.pages.conftest import As

WHO = {"name": RETIREE["name"], "id_no": RETIREE["id_no"]}


def test_every_step_of_ones_own_names_the_window_and_who_may_come_instead(
    stage: Stage, visit: As
) -> None:
    put_on_record(stage)
    no = stage.start("joint_case", stage.ming, WHO).no
    page = visit("aming").open(f"/my/cases/{no}")
    assert page.says("轮到您办理", "没有固定期限", "也可以带身份证到", "可以委托他人"), page.words
    assert page.page.xpath("//section[@aria-label='窗口和电话']//a[starts-with(@href, 'tel:')]")


def test_a_receipt_comes_at_once_when_every_agency_is_down(stage: Stage, visit: As) -> None:
    no = apply_for_everything(stage)
    with stage.runtime.reading() as session:
        calls = session.scalars(select(ServiceCall.id)).all()
    jobs = Jobs(stage.runtime, Exchange(b"x" * 32, loopback=True), "http://127.0.0.1:1")
    for call in calls:  # nobody listens there
        jobs.attempt_call(call)
    page = visit("aming").open(f"/my/cases/{no}")
    assert calls and page.says(f"办件编号 {no}，2027-04-20 09:00 收到", "不用重新提交"), page.words


def test_what_was_begun_is_found_again_on_the_first_page(stage: Stage, visit: As) -> None:
    put_on_record(stage)
    stage.start("joint_case", stage.ming, WHO)
    visitor = visit("aming").open("/my/")
    assert not visitor.says("已暂存")
    visitor.open(visitor.page.xpath("//a[starts-with(@href, '/tasks/')]/@href")[0]).press("暂存")
    assert visitor.open("/my/").says("已暂存")


def test_a_step_of_an_office_names_office_and_telephone(stage: Stage, visit: As) -> None:
    no = approved(stage)
    page = visit("aming").open(f"/my/cases/{no}")
    lines = page.page.xpath("//ol[contains(@class, 'app-progress')]/li")
    assert len(lines) == 3
    for line in lines:  # at which office, whom to call, since when
        assert line.xpath(".//dt[text()='办理部门']") and line.xpath(
            ".//a[starts-with(@href, 'tel:')]"
        )
        assert any(word in line.text_content() for word in ("开始时间", "自2027-04-20"))
