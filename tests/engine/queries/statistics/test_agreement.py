"""A figure is the length of its list, and both are what one counts by hand."""

from collections.abc import Iterable
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from engine.clock import office_date
from engine.queries.statistics import listing as lists
from engine.queries.statistics.figures import FIGURES, Count
from engine.queries.statistics.listing import Asked, listing
from engine.queries.statistics.period import stretch
from engine.queries.statistics.report import Report, report
from engine.queries.statistics.scope import Filters
from engine.queries.statistics.tracking import tracking
from tests.engine.test_way_of_a_case import counted_statements
from tests.mix import DAY, Made, Matter, Promise, put
from tests.stage import Stage

HALF_DAYS = st.integers(0, 160).map(lambda n: n / 2)
OFFICES = st.sampled_from([None, "hrss", "zongyang_town", "hengbu_town"])


@st.composite
def cases(draw: st.DrawFn) -> Made:
    age = draw(HALF_DAYS)
    within = st.floats(0, age).map(lambda n: round(n * 2) / 2).filter(lambda n: n <= age)
    closed = draw(st.none() | within)
    end = age if closed is None else closed
    codes = draw(st.lists(st.sampled_from(["pension", "medical", "fund"]), unique=True))
    matters = [draw(matter(code, end, closed is not None)) for code in codes]
    own = st.builds(
        Promise,
        due=st.integers(-20, 180).map(lambda n: n / 2 + 0.25),
        ended=st.none() if closed is None else st.just(closed),
        item=st.sampled_from([None, *codes]),
        role=st.sampled_from(["si_clerk", "unit", "system"]),
    )
    return Made(
        age,
        office=draw(OFFICES),
        accepted=draw(st.none() | st.floats(0, end).map(lambda n: int(n * 2) / 2)),
        closed=closed,
        items=matters,
        promises=draw(st.lists(own, max_size=3)),
        supplement=draw(st.booleans()),
        filled_again=draw(st.booleans()),
    )


@st.composite
def matter(draw: st.DrawFn, code: str, end: float, over: bool) -> Matter:
    state = draw(st.sampled_from(["succeeded", "lapsed", "not_selected", "ended"]))
    if not over:
        state = draw(st.sampled_from(["in_progress", "supplement", state]))
    final = state in ("succeeded", "lapsed", "not_selected", "ended")
    begun = draw(st.none() | st.floats(0, end).map(lambda n: int(n * 2) / 2))
    finished = end if final else None
    return Matter(code, state, begun, finished, draw(st.sampled_from([1, 1, 2])))


class ByHand:
    """The same figures, counted one by one from what was made."""

    def __init__(self, stage: Stage, made: Iterable[Made], near: int) -> None:
        self.now, self.made = stage.clock.now(), list(made)
        self.period = stretch("month", office_date(self.now))
        self.calendar = stage.runtime.calendars["cn"]
        day, _ = self.calendar.add_working_days(office_date(self.now), near)
        self.horizon = day

    def of_cases(self) -> Count:
        return sum((self._case(one) for one in self.made), Count())

    def of_items(self) -> Count:
        return sum((self._item(one, m) for one in self.made for m in one.items), Count())

    def _case(self, one: Made) -> Count:
        begun = self.now - one.age * DAY
        ended = None if one.closed is None else begun + one.closed * DAY
        chosen = [m for m in one.items if m.state not in ("not_selected", "ended")]
        joint = self._in(ended) and bool(chosen)
        once = joint and not (
            any(m.state == "ended" or m.round > 1 for m in one.items)
            or one.supplement
            or one.filled_again
        )
        accepted = None if one.accepted is None else begun + one.accepted * DAY
        count = self._count(one, begun, ended, one.closed is None, one.promises)
        return count + Count(accepted=self._in(accepted), joint=joint, once=once)

    def _item(self, one: Made, matter: Matter) -> Count:
        if matter.state == "not_selected":
            return Count()
        start = self.now - one.age * DAY
        begun = None if matter.begun is None else start + matter.begun * DAY
        ended = None
        if matter.finished is not None and matter.state != "ended":
            ended = start + matter.finished * DAY
        is_open = matter.finished is None and begun is not None
        own = [promise for promise in one.promises if promise.item == matter.code]
        return self._count(one, begun, ended, is_open, own)

    def _count(
        self,
        one: Made,
        begun: datetime | None,
        ended: datetime | None,
        is_open: bool,
        promises: Iterable[Promise],
    ) -> Count:
        start = self.now - one.age * DAY
        official = [p for p in promises if p.role != "unit"]
        late = any(p.ended is not None and p.ended > p.due for p in official)
        dues = [start + p.due * DAY for p in official if p.ended is None]
        closed = self._in(ended)
        timed = closed and begun is not None
        days = 0
        if timed:
            days = self.calendar.working_days_between(office_date(begun), office_date(ended))
        return Count(
            received=self._in(begun),
            closed=closed,
            on_time=closed and not late,
            late=closed and late,
            running=is_open,
            overdue=is_open and any(due < self.now for due in dues),
            at_risk=is_open
            and any(due >= self.now and office_date(due) <= self.horizon for due in dues),
            days=days,
            timed=timed,
            longest=days,
        )

    def _in(self, moment: datetime | None) -> bool:
        return moment is not None and self.period.begin <= moment < self.period.end


def test_figures_are_what_one_counts_by_hand_and_their_lists_are_as_long(
    zongyang: tuple[Connection, Stage], stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 3)
    connection, _ = zongyang

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(st.lists(cases(), max_size=7), st.sampled_from([1, 5]), st.data())
    def agree(made: list[Made], near: int, data: st.DataObject) -> None:
        with connection.begin_nested() as undone:
            put(stage, made)
            filters = Filters(near=str(near))
            found = report(stage.runtime, stage.li, filters)
            by_hand = ByHand(stage, made, near)
            assert found.total == by_hand.of_cases()
            assert sum((line.count for line in found.items), Count()) == by_hand.of_items()
            assert sum((line.count for line in found.offices), Count()) == found.total
            some_lists_are_as_long(stage, filters, found, data)
            undone.rollback()

    agree()


def some_lists_are_as_long(
    stage: Stage, filters: Filters, found: Report, data: st.DataObject
) -> None:
    figures = data.draw(st.lists(st.sampled_from(sorted(FIGURES)), min_size=1, max_size=3))
    for name in figures:
        assert length(stage, filters, Asked(name)) == getattr(found.total, name), name
        for line in found.offices[:1]:
            there = Filters(near=filters.near, at=line.office or "-")
            assert length(stage, there, Asked(name)) == getattr(line.count, name), name
        for item in found.items[-1:]:
            there = Filters(near=filters.near, at=item.office or "-", item=item.item)
            assert length(stage, there, Asked(name, "items")) == getattr(item.count, name), name


def length(stage: Stage, filters: Filters, asked: Asked) -> int:
    """How many rows a list has when one turns all its pages; none comes twice."""
    first = listing(stage.runtime, stage.li, filters, asked)
    pages = [
        first,
        *(
            listing(stage.runtime, stage.li, filters, asked, page)
            for page in range(2, first.pages + 1)
        ),
    ]
    rows = [(row.case_id, row.item) for page in pages for row in page.rows]
    assert len(rows) == len(set(rows)) == first.total
    return first.total


def test_months_departments_and_acceptances_agree_with_their_lists(stage: Stage) -> None:
    put(
        stage,
        [
            Made(
                age,
                office="hengbu_town" if age % 3 else "zongyang_town",
                accepted=1,
                closed=12,
                items=[Matter("pension", "succeeded", 2, 9), Matter("fund", "sealed", 3, 12)],
                promises=[Promise(8, 9, "pension")] if age % 2 else [],
            )
            for age in range(14, 120, 7)
        ],
    )
    found = report(stage.runtime, stage.li, Filters())
    lines = [("received", "cases", line) for line in found.months]
    lines += [("closed", "cases", line) for line in found.months]
    lines += [("closed", "items", line) for line in found.departments]
    lines += [("late", "items", line) for line in found.departments]
    lines += [("accepted", "cases", line) for line in found.acceptances]
    assert len(found.departments) >= 8
    assert len(found.acceptances) >= 6
    for figure, of, line in lines:
        filters = Filters(
            period="custom",
            first=line.period.first.isoformat(),
            last=line.period.last.isoformat(),
            item=line.item,
            at=line.office or "",
        )
        told = getattr(line.count, figure)
        assert length(stage, filters, Asked(figure, of)) == told, (figure, of, line)
    assert sum(line.count.closed for line in found.months) == 16


def test_a_department_is_held_against_the_month_before(stage: Stage) -> None:
    slow, quick = Matter("medical", "succeeded", 0, 10), Matter("medical", "succeeded", 0, 3)
    put(stage, [Made(40, items=[slow], closed=10), Made(8, items=[quick], closed=3)])
    april, march = report(stage.runtime, stage.li, Filters()).departments
    assert (april.period.first.month, march.period.first.month) == (4, 3)
    assert march.count.average is not None and april.count.average is not None
    assert april.before == march.count
    assert april.count.average < march.count.average
    assert march.before is None


def test_the_board_counts_what_it_lists_and_narrows_to_a_department(stage: Stage) -> None:
    put(
        stage,
        [
            Made(
                9,
                items=[Matter("medical", "in_progress"), Matter("fund", "succeeded", 1, 4)],
                promises=[Promise(8)],
            ),
            Made(4, items=[Matter("fund", "supplement")], promises=[Promise(5.2)]),
            Made(2, promises=[Promise(60)]),
            Made(9, closed=4),
        ],
    )

    def board(**narrowed: str) -> int:
        found = tracking(stage.runtime, stage.li, Filters(), **narrowed)  # type: ignore[arg-type]
        assert len(found.lines) == found.total
        return found.total

    everything = tracking(stage.runtime, stage.li, Filters())
    assert everything.counts == {"": 3, "overdue": 1, "at_risk": 1, "on_time": 1}
    assert [board(standing=name) for name in everything.counts] == [3, 1, 1, 1]
    assert board(agency="housing_fund") == 1
    assert board(agency="medical", standing="overdue") == 1
    (first, *_) = everything.lines
    assert first.case.days == 7
    assert first.items["medical"].days == 6
    assert first.items["fund"].finished_at is not None


def test_the_page_costs_a_statement_a_table(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    put(stage, [Made(3, accepted=0, items=[Matter("fund", "in_progress")])] * 5)
    with counted_statements(monkeypatch) as sent:
        report(stage.runtime, stage.li, Filters())
    assert 6 <= len([one for one in sent if "SAVEPOINT" not in one]) <= 12, sent
