"""What ``region.toml`` may say: one typed reading for the engine, the checker and the pages."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Code = str
#: How an agency is reached: its own system, rosters in files, or a clerk.
Mode = Literal["api", "file", "manual"]


class Strict(BaseModel):
    """Unknown keys are mistakes: a misspelt setting must not be silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Policy(Strict):
    """A policy document the region implements; printed on documents (JL-001)."""

    title: str
    number: str
    index_no: str = ""
    issuers: list[str]
    issued_on: date
    published_on: date | None = None


class Lane(Strict):
    """Who works in a lane of the diagrams. ``applicant`` is the unit or the person who applied."""

    role: Literal[
        "applicant",
        "unit",
        "person",
        "custodian",
        "hrss_reviewer",
        "hrss_approver",
        "si_clerk",
        "si_supervisor",
        "med_clerk",
        "fund_clerk",
        "admin",
        "system",
    ]
    agency: Code | None = None


class Agency(Strict):
    """An agency as it is first set up; afterwards its live settings count."""

    title: str
    phone: str
    hours: str = ""
    address: str = ""  # where people go
    mode: Mode = "api"


class ItemKind(Strict):
    """A joint matter: who owns it and what happens when it fails.

    ``retry``: the applicant may apply again or give up. ``auto_continue``: the agency goes on by
    itself once the condition is met. ``final``: a failure is the end.
    """

    title: str
    agency: Code
    order: int
    when: str = ""  # expression: the item was chosen
    failure: Literal["retry", "auto_continue", "final", "no_application"]
    limit: str = ""  # promised time in words, shown to applicants
    clauses: list[str] = []


class DeadlineRule(Strict):
    """A promised time.

    ``start`` is ``now`` (when its element is entered) or dates among the case data
    (``section.field``), the latest of which counts. ``same_day``: by closing time, on the next
    working day when begun after hours or on a rest day (JLG-042). ``calendar_days`` roll forward
    to a working day. ``remind_notice`` is sent ``remind_days_before`` the due day.
    """

    title: str
    budget: int = 0
    unit: Literal["working_days", "calendar_days", "same_day", "month_day"]
    start: list[str] = ["now"]
    legal_budget: int | None = None
    legal_unit: Literal["working_days", "calendar_days"] | None = None
    remind_days_before: list[int] = []
    remind_notice: str = ""
    remind_to: str = "person"
    clauses: list[str] = []
    reason: str = ""


class Parameter(Strict):
    """A default of ours where the policy is silent, with the reason beside it."""

    value: Any
    reason: str
    clauses: list[str] = []


class SectionRule(Strict):
    """A section of case data that no form or reply of this pack declares.

    ``scope = "file"``: it belongs to the person file and is read by all its cases.
    """

    scope: Literal["case", "file"] = "file"
    schema_file: str  # forms/<region>/<this>


class ProcessRule(Strict):
    """A process people can start."""

    title: str
    start_form: str  # forms/<region>/<this>.schema.json
    entries: dict[Literal["unit", "person", "staff"], str]  # who may start → the entry's name
    staff_roles: list[str] = []
    opens_file: bool = False  # the start form registers the person
    offered_when: str = ""  # expression over the person file: offer the person to the employer
    offered_date: str = ""  # ``section.field`` shown beside the name
    before_start: str = ""  # guide shown first (JLG-012)
    clauses: list[str] = []


class Numbering(Strict):
    """How case numbers are built: prefix, date, running number of the day."""

    prefix: str
    digits: int = 5


class OfficeHours(Strict):
    """Office hours on a working day, local time."""

    opens: str = "08:30"
    closes: str = "17:00"


class RegionConfig(Strict):
    """``region.toml`` as a whole."""

    code: Code
    title: str
    short_title: str
    gb_code: str | None = None
    parent: Code | None = None
    effective_from: date
    portal: str = ""
    calendar: str = "cn"
    hours: OfficeHours = OfficeHours()
    numbering: Numbering
    policies: list[Policy]
    lanes: dict[str, Lane]
    agencies: dict[Code, Agency]
    items: dict[Code, ItemKind] = {}
    deadlines: dict[Code, DeadlineRule] = {}
    parameters: dict[Code, Parameter] = {}
    sections: dict[Code, SectionRule] = {}
    processes: dict[str, ProcessRule]
    fund_centres: dict[Code, str] = Field(default_factory=dict)
    replaces: list[str] = []
