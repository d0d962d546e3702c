"""Who sees whose figures: by region, by office, by role."""

import pytest
from sqlalchemy import update

from engine.access import Actor
from engine.accounts import actor_of, add_account
from engine.errors import Forbidden, NotFound
from engine.models import Office
from engine.queries.statistics.listing import Asked, listing
from engine.queries.statistics.report import regions, report
from engine.queries.statistics.scope import Filters
from engine.queries.statistics.tracking import tracking
from tests.mix import Made, put
from tests.stage import Stage


def clerk(stage: Stage, office: str, role: str = "si_clerk") -> Actor:
    with stage.runtime.transaction() as session:
        account = add_account(
            session,
            f"{role}-{office}",
            "小方",
            "long enough a password",
            "staff",
            grants=((role, stage.region, office),),
        )
        found = actor_of(session, account.id)
    assert found is not None
    return found


@pytest.fixture
def cases(stage: Stage) -> Stage:
    places = ("zongyang_town", "zongyang_town_community", "hengbu_town", None)
    put(stage, [Made(2, office=office) for office in places])
    return stage


def test_a_clerk_of_an_office_sees_it_and_those_below_only(cases: Stage) -> None:
    who = clerk(cases, "zongyang_town")
    found = report(cases.runtime, who, Filters())
    assert {line.office for line in found.offices} == {"zongyang_town", "zongyang_town_community"}
    assert found.total.received == 2
    assert tracking(cases.runtime, who, Filters()).total == 2
    assert listing(cases.runtime, who, Filters(at="hengbu_town"), Asked("received")).total == 0
    with pytest.raises(NotFound):
        report(cases.runtime, who, Filters(office="hengbu_town"))


def test_an_office_counts_with_those_below_it(cases: Stage) -> None:
    found = report(cases.runtime, cases.li, Filters(office="zongyang_town"))
    assert found.total.received == 2
    assert report(cases.runtime, cases.li, Filters()).total.received == 4
    assert listing(cases.runtime, cases.li, Filters(at="-"), Asked("received")).total == 1


@pytest.mark.parametrize("role", ["med_clerk", "agent", "hrss_approver"])
def test_other_roles_see_no_figures(cases: Stage, role: str) -> None:
    who = clerk(cases, "", role)
    assert regions(cases.runtime, who) == {}
    for look in (report, tracking):
        with pytest.raises(Forbidden):
            look(cases.runtime, who, Filters())  # type: ignore[operator]


def test_supervisors_may_look_wherever_a_region_says_nothing(cases: Stage) -> None:
    assert regions(cases.runtime, clerk(cases, "", "si_supervisor")) == {"zongyang": "枞阳"}


def test_applicants_and_other_regions_are_not_even_told_that_there_are_any(cases: Stage) -> None:
    for who in (cases.ming, cases.wang):
        with pytest.raises(Forbidden):
            report(cases.runtime, who, Filters())
    with pytest.raises(NotFound):
        report(cases.runtime, cases.li, Filters(region="jilin"))


def test_offices_that_lie_in_a_circle_come_to_an_end(cases: Stage) -> None:
    with cases.runtime.transaction() as session:
        session.execute(update(Office).where(Office.code == "hrss").values(parent="zongyang_town"))
    assert report(cases.runtime, cases.li, Filters(office="hrss")).total.received == 3


def test_no_such_figure_has_no_list(cases: Stage) -> None:
    for asked in (Asked("paid_late"), Asked("nonsense"), Asked("closed", "people")):
        with pytest.raises(NotFound):
            listing(cases.runtime, cases.li, Filters(), asked)
