"""What a region wants to see counted: ``[statistics]`` of ``region.toml``.

Every report is a setting of its own, so that a clause can name it. A region that says nothing has
the general page.
"""

from typing import ClassVar, Literal

from pydantic import Field

from engine.packs.strict import Code, Strict

#: The stretches of time figures are gathered in.
Stretch = Literal["week", "month", "quarter", "year"]


class AcceptanceSummary(Strict):
    """受理汇总: how many cases were accepted, ``period`` by period and office by office."""

    title: ClassVar[str] = "受理汇总"
    period: Stretch = "week"
    clauses: list[str] = []
    reason: str = ""


class DepartmentReport(Strict):
    """部门办结: items each department closed, and in how many days, compared with before."""

    title: ClassVar[str] = "部门办结"
    period: Stretch = "month"
    clauses: list[str] = []
    reason: str = ""


class SupervisionReport(Strict):
    """督办: office by office, on time and overdue. ``objections``: the processes that are one."""

    title: ClassVar[str] = "督办"
    objections: list[Code] = []
    clauses: list[str] = []
    reason: str = ""


class OnceReport(Strict):
    """一次办结: the share of cases nobody had to come back for.

    ``again``: processes with which people apply a second time for what a case was about.
    """

    title: ClassVar[str] = "一次办结"
    again: list[Code] = []
    clauses: list[str] = []
    reason: str = ""


class FirstPayment(Strict):
    """按时领取: whether the first pension was paid in the month after retirement.

    ``retired`` and ``paid`` are ``section.field`` of the cases of ``process``: the dates on which
    people retired and were first paid.
    """

    title: ClassVar[str] = "按时领取"
    process: Code
    retired: str
    paid: str
    clauses: list[str] = []
    reason: str = ""


class StatisticsRule(Strict):
    """What counts as a case, who may look, and which reports there are.

    Args:
        processes: those whose cases are counted; none named: those that people can start.
        roles: who may see figures, besides administrators and supervisors.
        accepted: the notices with which a case is accepted (受理).
        near_working_days: what falls due within so many working days is at risk.
    """

    processes: list[Code] = []
    roles: list[str] = []
    accepted: list[Code] = []
    near_working_days: int = Field(default=5, ge=1, le=60)
    reason: str = ""
    acceptance_summary: AcceptanceSummary = AcceptanceSummary()
    closed_by_department: DepartmentReport = DepartmentReport()
    supervision: SupervisionReport = SupervisionReport()
    once: OnceReport = OnceReport()
    first_payment: FirstPayment | None = None
