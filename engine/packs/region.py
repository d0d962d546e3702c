"""What ``region.toml`` may say: one typed reading for the engine, the checker and the pages."""

from datetime import date
from typing import Any, Literal

from pydantic import Field

from engine.packs.reports import StatisticsRule
from engine.packs.strict import Code, Strict

#: How an agency is reached: its own system, rosters in files, or a clerk.
Mode = Literal["api", "file", "manual"]


class Policy(Strict):
    """A policy document the region implements; printed on documents (JL-001)."""

    title: str
    number: str = ""  # an annex has none of its own
    index_no: str = ""
    issuers: list[str]
    issued_on: date | None = None  # missing only while listed under ``to_fill``
    published_on: date | None = None
    clauses: list[str] = []

    @property
    def name(self) -> str:
        """What it is cited as: its number, or its title."""
        return self.number or self.title


#: Who can work in a lane (processes §0.1). ``applicant`` is whoever applied.
Role = Literal[
    "applicant",
    "unit",
    "person",
    "custodian",
    "agent",
    "bank",
    "liaison",
    "hrss_reviewer",
    "hrss_approver",
    "hrss_checker",
    "si_clerk",
    "si_checker",
    "si_supervisor",
    "med_clerk",
    "fund_clerk",
    "veterans_clerk",
    "health_editor",
    "bureau_data",
    "bureau_benefits",
    "admin",
    "system",
]


#: Those among them who are no staff: their work belongs to a unit or a person, or to nobody.
OUTSIDE = frozenset({"applicant", "unit", "person", "custodian", "system"})


#: What the identity platform says of whoever signs in, in our words.
ClaimName = Literal[
    "kind",  # person | legal
    "name",
    "id_no",
    "mobile",
    "level",
    "unit",
    "uscc",
    "unit_admin",
]


class Lane(Strict):
    """Who works in a lane of the diagrams.

    ``office`` is an expression: the code of the office whose work it is; without it the work
    belongs to whoever holds the role in the region. ``window``: the clerks who enter an
    applicant's part of a case that was brought to the window. ``follows_call``: where the process
    is called by another, the lane of the call activity counts instead (a shared step is the work
    of whoever asked for it).
    """

    role: Role
    agency: Code | None = None
    office: str = ""
    window: Role | None = None
    follows_call: bool = False
    clauses: list[str] = []


class OfficeRule(Strict):
    """An office as it is first set up: its place is its ``parent``, not its code (JL-061)."""

    title: str
    level: Literal["province", "city", "county", "township", "community", "counter"]
    kind: str = Field(default="", max_length=20)  # the region's own words, e.g. ``agent``
    parent: Code | None = None
    gb_code: str | None = None
    phone: str = ""
    address: str = ""
    liaison: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    clauses: list[str] = []

    @property
    def kinds(self) -> list[str]:
        """What it is, in the region's words; an office may be several things."""
        return self.kind.split()


class Agency(Strict):
    """An agency as it is first set up; afterwards its live settings count.

    ``role`` does its desk work in ``file`` and ``manual`` mode; when it is left out, the role of
    the one lane of offices that names the agency.
    """

    title: str
    phone: str
    hours: str = ""
    address: str = ""  # where people go
    mode: Mode = "api"
    clauses: list[str] = []
    role: Role | None = None


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
    (``section.field`` or an expression), the latest of which counts. Unit ``same_day``: by closing
    time, on the next working day when begun after hours or on a rest day (JLG-042);
    ``calendar_days`` roll forward to a working day; ``date``: the start date is the due day itself,
    and as long as none is known there is no promise. ``remind_notice`` is sent
    ``remind_days_before`` the due day, and ``remind_working_days_before`` the last working day
    that is not later than it (0: on that day). ``continues``: when its element is come to again
    (after a supplement) the clock goes on where it stopped instead of starting afresh. ``near``:
    the share of its office time after which the handler is reminded.
    """

    title: str
    budget: int = 0
    unit: Literal["working_days", "calendar_days", "same_day", "month_day", "date"]
    start: list[str] = ["now"]
    legal_budget: int | None = None
    legal_unit: Literal["working_days", "calendar_days"] | None = None
    continues: bool = False
    near: float = Field(default=0.8, gt=0, lt=1)
    remind_days_before: list[int] = []
    remind_working_days_before: list[int] = []
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
    clauses: list[str] = []


class FileTimer(Strict):
    """A day in the life of a person file on which a process starts about it.

    ``at`` is an expression over the person file that gives an instant, or nothing yet; a day
    already past when the file comes in counts as today. ``when`` is looked at on that day. With
    ``repeat_months`` it comes again until ``when`` no longer holds.
    """

    title: str
    at: str
    when: str = "True"
    starts: str  # id of a process
    repeat_months: int = Field(default=0, ge=0, le=12)
    clauses: list[str] = []
    reason: str = ""


class Selection(Strict):
    """Whom a batch is about: person files, or running cases that wait for a message.

    ``when`` is an expression over the member's data; ``batch`` is the batch case's own section
    ``case`` (its number, beginning and office).
    """

    title: str
    of: Literal["files", "cases"] = "files"
    process: str = ""  # of cases: which process
    waits_for: str = ""  # of cases: the message they wait for
    when: str = "True"
    clauses: list[str] = []
    reason: str = ""


class Material(Strict):
    """Something an applicant hands in: a line of the checklist of every case it is needed for.

    ``shared``: where the data come from when it need not be handed in (免提交). ``commitment``: a
    letter may take its place for a time (容缺、承诺). ``alias``: other names it is printed under.
    """

    title: str
    order: int
    copies: int = Field(default=1, ge=0, le=20)
    form: Literal["original", "copy", "check", "photo", "form", "scan"] = "copy"
    when: str = "True"  # expression: this case needs it
    shared: str = ""
    commitment: bool = False
    alias: list[str] = []
    note: str = ""
    clauses: list[str] = []
    reason: str = ""


class IdentityRule(Strict):
    """The unified identity platform applicants sign in through (OpenID Connect).

    ``issuer`` and ``client_id`` are usually the installation's own (docs/operations.md).
    ``register_at`` is where people register; ``verified`` are the values of the claim ``level``
    that mean a verified identity; ``claims`` maps our word for a claim to the platform's.
    """

    title: str
    issuer: str = ""
    client_id: str = ""
    register_at: str = ""
    verified: list[str] = []
    claims: dict[ClaimName, str] = {}
    reason: str = ""
    clauses: list[str] = []


class StageRule(Strict):
    """A stage of a matter as the policy divides it, e.g. 受理 (ZY-035).

    ``elements``: what of the diagrams belongs to it, ``process/element`` or a whole ``process``;
    ``lanes``: everything in these lanes. The more exact word counts: element, process, lane.
    """

    title: str = Field(max_length=20)
    order: int
    elements: list[str] = []
    lanes: list[str] = []
    clauses: list[str] = []


class PriorityRule(Strict):
    """Who comes first in worklists (NX-072).

    ``when`` is an expression over the case; ``mark`` is what lists show, ``help`` what those it is
    about are told about getting help.
    """

    when: str
    mark: str = Field(max_length=10)
    help: str
    clauses: list[str] = []
    reason: str = ""


class ExportRule(Strict):
    """Lists of persons leave the system only if somebody else agrees (NX-017).

    ``approvers`` are roles of staff; what they let out may be fetched for ``valid_working_days``.
    """

    approvers: list[Role] = Field(min_length=1)
    valid_working_days: int = Field(default=3, ge=1, le=30)
    clauses: list[str] = []
    reason: str


class RetentionRule(Strict):
    """How long what is kept about a person stays readable.

    ``years`` count from the first of January after their last case closed; ``processes`` are
    those whose cases keep it for another number of years. A person has one key, so all that is
    kept about them goes on one day, when the longest of their cases is over.
    """

    years: int = Field(ge=1, le=100)
    processes: dict[str, int] = {}
    clauses: list[str] = []
    reason: str


class ContentRule(Strict):
    """What an office tells applicants in its own words and changes by itself (JL-024).

    ``first``: headings with the text that counts until somebody writes another. Applicants see it
    after they submitted and beside the progress of cases of these ``processes``.
    """

    title: str
    role: Role
    processes: list[str]
    first: dict[str, str] = Field(min_length=1)
    clauses: list[str] = []
    reason: str = ""


class GuideTime(Strict):
    """A month from which something can be done, or until which it has to be.

    ``at`` is an expression over ``original`` and ``statutory``, the days on which the age before
    the reform and the statutory age are reached; ``says`` who does what.
    """

    title: str
    at: str
    says: str
    clauses: list[str] = []


class GuideRule(Strict):
    """What the public guide says beside what the settings say already (JL-055).

    ``times``: what the calculator (退休年龄测算) adds to the national rules.
    """

    process: str  # whose diagrams and entries it shows
    who: list[str]
    conditions: list[str] = []
    fees: str
    objection: list[str]
    times: list[GuideTime] = []
    clauses: list[str] = []
    reason: str = ""


class NoteRule(Strict):
    """A note for administrators, e.g. about a gap in the document (NX-060)."""

    title: str
    text: str
    clauses: list[str] = []


class ProcessRule(Strict):
    """A process people can start.

    ``portal_only``: applicants reach it from the portal alone, where the installation has one.
    An entry ``public`` needs no account: the case is about nobody on record, and is named by the
    start form's ``name``.
    """

    title: str
    start_form: str = ""  # forms/<region>/<this>.schema.json; none: it begins by itself only
    # who → entry's name
    entries: dict[Literal["unit", "custodian", "person", "staff", "public"], str] = {}
    portal_only: bool = False
    per_office: str = ""  # started by its timer once for every office of this kind
    staff_roles: list[str] = []
    employees: bool = False  # those in employment may start it themselves, too
    opens_file: bool = False  # the start form registers the person
    offered_when: str = ""  # expression over the person file: offer the person to the employer
    offered_date: str = ""  # ``section.field`` shown beside the name
    before_start: str = ""  # guide shown first (JLG-012)
    stages: bool = False  # its cases go through the stages of ``[stages]``
    clauses: list[str] = []


class NoticeRule(Strict):
    """The clauses a notice fulfils by what it says (``notices/<key>.txt``)."""

    clauses: list[str] = []


class FeatureRule(Strict):
    """The clauses a feature of the product fulfils here (``engine/features.py``)."""

    clauses: list[str] = []


#: What everybody is in a table an employer applies with, as start forms ask for it.
EMPLOYED = {"employment": "employee"}


class RosterRule(Strict):
    """A table of people that is taken in: one row per person, known by the identity number.

    Its columns are name and identity number, what registering a person asks for where it
    ``opens_file``, and the fields of ``form``. Those fields that the schema of ``section`` (of
    the person file) declares are written there.

    With ``applies`` an employer applies with it for several of its people at once: every row is
    the start form of that process, and becomes a case; there is neither ``form`` nor ``section``.
    """

    title: str
    form: str = ""  # forms/<region>/<this>.schema.json
    section: str = ""
    applies: str = ""  # id of a process
    roles: list[Role]  # who may take it in; ``unit``: an employer, for its own people
    opens_file: bool = False  # registers persons (and employers) not yet on record
    starts: str = ""  # process begun about each person, once
    clauses: list[str] = []


class Numbering(Strict):
    """How case numbers are built: prefix, date, running number of the day."""

    prefix: str
    digits: int = 5


class OfficeHours(Strict):
    """Office hours on a working day, local time."""

    opens: str = "08:30"
    closes: str = "17:00"


class DocumentRule(Strict):
    """An official document: its template, number series, and whom it is for.

    ``number`` is a format with ``{n}`` and ``{year}``, e.g. ``吉退审字〔{year}〕{n:05d}号``;
    documents with the same one share a series. ``seal`` is a code of ``[agencies]`` or a name.
    ``values`` are expressions over the case, for templates that several regions share: they say
    ``document.values.x``.
    """

    title: str
    template: str  # processes/<region>/documents/<this>
    number: str = ""
    audience: list[Literal["applicant", "person", "unit", "agency", "office"]] = Field(alias="for")
    seal: str = ""
    signatures: list[str] = []
    values: dict[str, str] = {}
    clauses: list[str] = []
    reason: str = ""


class RegionConfig(Strict):
    """``region.toml`` as a whole."""

    code: Code
    title: str
    short_title: str
    gb_code: str | None = None
    parent: Code | None = None
    effective_from: date | None = None  # likewise
    practice: bool = False  # to be practised in, with invented people only (JL-065)
    to_fill: list[str] = []  # places the document leaves blank, e.g. ``policies.0.number``
    portal: str = ""
    identity: IdentityRule | None = None
    channels: dict[Code, str] = {}  # the portal's code of a channel → what people call it
    calendar: str = "cn"
    hours: OfficeHours = OfficeHours()
    numbering: Numbering
    policies: list[Policy]
    lanes: dict[str, Lane]
    agencies: dict[Code, Agency]
    items: dict[Code, ItemKind] = {}
    deadlines: dict[Code, DeadlineRule] = {}
    parameters: dict[Code, Parameter] = {}
    offices: dict[Code, OfficeRule] = {}
    file_timers: dict[Code, FileTimer] = {}
    selections: dict[Code, Selection] = {}
    materials: dict[Code, Material] = {}
    sections: dict[Code, SectionRule] = {}
    rosters: dict[Code, RosterRule] = {}
    documents: dict[Code, DocumentRule] = {}
    processes: dict[str, ProcessRule]
    stages: dict[Code, StageRule] = {}
    priority: PriorityRule | None = None
    exports: ExportRule | None = None
    retention: RetentionRule | None = None  # none: nothing is ever erased
    contents: dict[Code, ContentRule] = {}
    guide: GuideRule | None = None
    notes: dict[Code, NoteRule] = {}
    notices: dict[Code, NoticeRule] = {}
    features: dict[Code, FeatureRule] = {}
    statistics: StatisticsRule = StatisticsRule()
    replaces: list[str] = []

    def desk_lane(self, agency: str) -> Lane | None:
        """The lane in which the offices of an agency work: one that says which office, if any."""
        lanes = [lane for lane in self.lanes.values() if lane.agency == agency]
        lanes = [lane for lane in lanes if lane.role not in OUTSIDE]
        return next((lane for lane in lanes if lane.office), lanes[0] if lanes else None)

    def desk_of(self, agency: str) -> str | None:
        """The role that answers for an agency without an interface; ``None`` when there is none."""
        own = self.agencies.get(agency)
        if own is not None and own.role is not None:
            return None if own.role in OUTSIDE else own.role
        roles = {lane.role for lane in self.lanes.values() if lane.agency == agency} - OUTSIDE
        return roles.pop() if len(roles) == 1 else None
