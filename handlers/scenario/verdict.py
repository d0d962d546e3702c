"""What must be true at a point of a story, and what is said when it is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select

from engine.clock import CHINA
from engine.models import (
    Base,
    Case,
    Deadline,
    Incident,
    Item,
    Notice,
    ServiceCall,
    WorkItem,
)
from engine.open_case import OpenCase
from engine.runtime import Runtime
from handlers.scenario.evidence import Evidence
from handlers.scenario.story import End, Expect


@dataclass
class Played:
    """How a story went: every expectation that did not hold, what was used, what was proven."""

    title: str
    failures: list[str] = field(default_factory=list)
    evidence: Evidence = field(default_factory=Evidence)
    clauses: set[str] = field(default_factory=set)  # that its steps look at

    @property
    def passed(self) -> bool:
        """Whether everything was as the story says."""
        return not self.failures


class Stop(Exception):
    """The story ends here: an expectation did not hold, or a step could not be played."""


class Verdict:
    """Looks at the tables and compares them with what the story says."""

    def __init__(self, runtime: Runtime, process: str) -> None:
        self._runtime, self._process = runtime, process

    def expect(self, expect: Expect) -> None:
        """Compare every thing the story mentions; the first that differs ends it."""
        if expect.tasks is not None:
            found = [t.element for t in self.all(WorkItem, WorkItem.state == "open")]
            self._same("待办", expect.tasks, found)
        if expect.calls is not None:
            live = self.all(ServiceCall, ServiceCall.finished_at.is_(None))
            self._same("未完成的服务请求", expect.calls, [c.operation for c in live])
        if expect.items is not None:
            self._items(expect.items)
        for code, due in (expect.deadlines or {}).items():
            clocks = [d.due_at for d in self.all(Deadline, Deadline.code == code)]
            self.hold(instant(due) in clocks, f"时限 {code} 应为 {due}，实为 {words(clocks)}")
        for element, due in (expect.timers or {}).items():
            waits = self._timer_waits()
            found_at = words([waits[element]]) if element in waits else "没有"
            self.hold(
                waits.get(element) == instant(due),
                f"定时 {element} 应为 {due}，实为 {found_at}",
            )
        if expect.notices is not None:
            self._notices(expect.notices)
        if expect.incidents is not None:
            found_open = len(self.all(Incident, Incident.closed_at.is_(None)))
            self.hold(
                found_open == expect.incidents,
                f"异常应有 {expect.incidents} 个，实有 {found_open} 个",
            )
        if expect.status is not None:
            case = self.one(Case, Case.process == self._process)
            self.hold(case.status == expect.status, f"办件状态实为 {case.status}")

    def end(self, end: End) -> None:
        """Compare how the case ended."""
        case = self.one(Case, Case.process == self._process)
        self.hold(case.outcome == end.outcome, f"结局应为 {end.outcome}，实为 {case.outcome}")
        self._items(end.items)
        if end.notices is not None:
            self._notices(end.notices)

    def _items(self, expected: Mapping[str, str]) -> None:
        """Items the story names must be in these states; others may be in any."""
        states = {item.code: item.state for item in self.all(Item)}
        self.hold(expected.items() <= states.items(), f"事项应为 {expected}，实为 {states}")

    def _notices(self, expected: Sequence[str]) -> None:
        sent = {notice.template for notice in self.all(Notice)}
        missing = sorted(set(expected) - sent)
        self.hold(not missing, f"通知缺少 {missing}，已发 {sorted(sent)}")

    def _timer_waits(self) -> Mapping[str, datetime]:
        waits: dict[str, datetime] = {}
        for case in self.all(Case, Case.status == "running"):
            with self._runtime.transaction() as session:
                opened = OpenCase.lock(self._runtime, session, case.id)
                waits |= {
                    wait.element: wait.due_at for wait in opened.instance.waits() if wait.due_at
                }
        return waits

    def _same(self, what: str, expected: Sequence[str], found: Sequence[str]) -> None:
        self.hold(
            sorted(expected) == sorted(found),
            f"{what}应为 {sorted(expected)}，实为 {sorted(found)}",
        )

    def hold(self, truth: bool, otherwise: str) -> None:
        """End the story with a sentence unless something is true."""
        if not truth:
            raise Stop(otherwise)

    def one(self, table: type[Base], *conditions: Any) -> Any:
        """The newest row that fits; the story ends when there is none."""
        found = self.all(table, *conditions)
        if not found:
            raise Stop(f"现在没有这一步所指的{_WHAT[table]}。")
        return found[-1]

    def all(self, table: type[Base], *conditions: Any) -> list[Any]:
        """All rows that fit, oldest first."""
        with self._runtime.reading() as session:
            order = cast(Any, table).__table__.primary_key.columns
            return list(session.scalars(select(table).where(*conditions).order_by(*order)))


def instant(moment: datetime) -> datetime:
    """A time of a story: China's when it names no zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def words(moments: Sequence[datetime]) -> list[str]:
    """Instants as an office reads them."""
    return [moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") for moment in moments]


_WHAT: dict[type[Base], str] = {WorkItem: "待办", ServiceCall: "服务请求", Case: "办件"}
