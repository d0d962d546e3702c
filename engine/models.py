"""The tables, as typed SQLAlchemy models.

Rules that hold everywhere: instants are ``timestamptz``; codes are lower-case ASCII; a column
that ends in ``_sealed`` holds AES-GCM ciphertext under the key of its person or case
(``engine.sealing``); a column that ends in ``_index`` is a keyed hash for exact search.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from engine.ids import new_id

Instant = DateTime(timezone=True)


class Base(DeclarativeBase):
    """All our tables; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant, date: Date, dict[str, Any]: JSON}


# ---------------------------------------------------------------- what a region runs


class Release(Base):
    """发布版本: an immutable snapshot of a region pack; ``id`` is the hash of its manifest."""

    __tablename__ = "release"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    region: Mapped[str] = mapped_column(String(40))
    manifest: Mapped[dict[str, Any]]  # path → blob hash
    created_at: Mapped[datetime]


class Blob(Base):
    """A file of a release, or something built from one, named by the hash of its content."""

    __tablename__ = "blob"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class CompiledProcess(Base):
    """A process of a release as SpiffWorkflow's serializer wrote it; made once, then cached."""

    __tablename__ = "compiled_process"
    release_id: Mapped[str] = mapped_column(ForeignKey("release.id"), primary_key=True)
    process: Mapped[str] = mapped_column(String(80), primary_key=True)
    serializer: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class RegionActivation(Base):
    """From ``active_from`` on, new cases of the region begin with this release."""

    __tablename__ = "region_activation"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    region: Mapped[str] = mapped_column(String(40))
    release_id: Mapped[str] = mapped_column(ForeignKey("release.id"))
    active_from: Mapped[datetime]
    __table_args__ = (Index(None, "region", "active_from"),)


class AgencySetting(Base):
    """How an agency of a region is reached today; live, not part of a release."""

    __tablename__ = "agency_setting"
    region: Mapped[str] = mapped_column(String(40), primary_key=True)
    agency: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    mode: Mapped[str] = mapped_column(String(10))  # api | file | manual
    # what the region's file said when it was last read; empty: not known
    seeded_mode: Mapped[str] = mapped_column(String(10), default="", server_default="")
    endpoint: Mapped[str] = mapped_column(String(400), default="")  # of its own system, for api
    address: Mapped[str] = mapped_column(String(400), default="")  # where people go
    phone: Mapped[str] = mapped_column(String(60), default="")
    hours: Mapped[str] = mapped_column(String(200), default="")


class Office(Base):
    """An office of a region's tree: its place in the tree counts, not the digits of its code.

    ``level``: province | city | county | township | community | counter; ``kind`` is the region's
    own word for what it is, e.g. ``agent``. Live; a region pack only seeds it (JL-061, NX-081).
    """

    __tablename__ = "office"
    region: Mapped[str] = mapped_column(String(40), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    parent: Mapped[str | None] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(80))
    level: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20), default="")
    gb_code: Mapped[str | None] = mapped_column(String(12))
    phone: Mapped[str] = mapped_column(String(60), default="")
    address: Mapped[str] = mapped_column(String(400), default="")
    liaison: Mapped[str] = mapped_column(String(60), default="")  # who takes hand-overs (ZY-027)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


class Liaison(Base):
    """联络员: who takes what is handed to a department, from a day on; the latest counts (ZY-027).

    ``scope``: ``agency`` or ``office``, of which ``department`` is the code. Earlier ones are kept.
    """

    __tablename__ = "liaison"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    region: Mapped[str] = mapped_column(String(40))
    scope: Mapped[str] = mapped_column(String(10))
    department: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str] = mapped_column(String(60), default="")
    data_key_id: Mapped[UUID] = mapped_column(ForeignKey("data_key.id"))
    mobile_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))  # of their own
    from_date: Mapped[date]
    set_at: Mapped[datetime]
    set_by: Mapped[str] = mapped_column(String(80))
    __table_args__ = (Index(None, "region", "scope", "department", "from_date"),)


class Letter(Base):
    """督办件: what a department's liaison has to look after: overdue, returned, or failed (ZY-066).

    An open one goes to whoever is the liaison today; ``addressed_to`` is written when it is closed.
    """

    __tablename__ = "letter"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    region: Mapped[str] = mapped_column(String(40))
    scope: Mapped[str] = mapped_column(String(10))  # agency | office
    department: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))  # overdue | returned | failed
    title: Mapped[str] = mapped_column(String(160))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    case_no: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(120))
    sent_at: Mapped[datetime]
    addressed_to: Mapped[str] = mapped_column(String(60), default="")
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(String(80), default="")
    reply: Mapped[str] = mapped_column(String(400), default="")
    __table_args__ = (
        Index(None, "case_id"),
        Index(
            "ix_letter_open",
            "region",
            "scope",
            "department",
            "id",
            postgresql_where=text("closed_at is null"),
        ),
        Index("ix_letter_department", "region", "scope", "department", "id"),
    )


class ContentVersion(Base):
    """公开内容: what an office tells people from a day on; earlier ones are kept (JL-024)."""

    __tablename__ = "content_version"
    region: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    effective_from: Mapped[date]
    parts: Mapped[Any] = mapped_column(JSON)  # heading → text
    written_at: Mapped[datetime]
    written_by: Mapped[str] = mapped_column(String(80))


class Export(Base):
    """导出申请: somebody wants a list of persons out of the system, and somebody else lets them."""

    __tablename__ = "export"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    region: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))  # what is exported; ``ref`` names which
    ref: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(160))
    purpose: Mapped[str] = mapped_column(String(400))
    state: Mapped[str] = mapped_column(String(10))  # waiting | approved | refused
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    asked_name: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_name: Mapped[str] = mapped_column(String(80), default="")
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(400), default="")
    valid_until: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_export_asked", "asked_by", "id"),
        Index("ix_export_region", "region", "id"),
        Index("ix_export_waiting", "region", postgresql_where=text("state = 'waiting'")),
    )


class ExportEvent(Base):
    """导出记录: who took which list out, or asked, or decided. Append-only."""

    __tablename__ = "export_event"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    export_id: Mapped[UUID | None] = mapped_column(ForeignKey("export.id"))
    region: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(12))  # asked | approved | refused | downloaded
    title: Mapped[str] = mapped_column(String(160))
    note: Mapped[str] = mapped_column(String(400), default="")
    __table_args__ = (Index(None, "region", "id"),)


class Setting(Base):
    """A value shared by web, worker and sandbox, e.g. the demo clock's offset."""

    __tablename__ = "setting"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class CalendarYear(Base):
    """工作日历: a year's notice as it was imported; it wins over the file that came with us."""

    __tablename__ = "calendar_year"
    calendar: Mapped[str] = mapped_column(String(40), primary_key=True)  # cn, or an overlay
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    notice: Mapped[Any] = mapped_column(JSON)
    imported_by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


# ---------------------------------------------------------------- people


class DataKey(Base):
    """The key all data of one person (or person-less case) is sealed under; destroying erases."""

    __tablename__ = "data_key"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    destroyed_at: Mapped[datetime | None]


class Person(Base):
    """A retiree. The identity number is stored sealed and found by its blind index."""

    __tablename__ = "person"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    data_key_id: Mapped[UUID] = mapped_column(ForeignKey("data_key.id"))
    name: Mapped[str] = mapped_column(String(60))
    id_no_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    id_no_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    mobile_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class Unit(Base):
    """An employer, a group's subordinate, or a custody institution.

    A subordinate without a pension account of its own is insured under the one of its group
    (JLG-007): its people are its own, its account is the group's.
    """

    __tablename__ = "unit"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    kind: Mapped[str] = mapped_column(String(20), default="employer")  # employer | custodian
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    own_account: Mapped[bool] = mapped_column(Boolean, default=True, server_default=text("true"))


class PersonFile(Base):
    """一人一档: one retiree in one region; cases and reminders hang on it."""

    __tablename__ = "person_file"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    region: Mapped[str] = mapped_column(String(40))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    custodian_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))  # keeps the archive
    office: Mapped[str | None] = mapped_column(String(40))  # of the place where they are insured
    employment: Mapped[str] = mapped_column(String(20))  # employee | flexible
    created_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("person_id", "region"),
        Index(None, "unit_id"),
        Index(None, "custodian_id"),
        Index(None, "region", "id"),
    )


class FileSection(Base):
    """A versioned section of a person file, readable by all its cases (e.g. ``prereview``)."""

    __tablename__ = "file_section"
    file_id: Mapped[UUID] = mapped_column(ForeignKey("person_file.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    author: Mapped[str] = mapped_column(String(80))
    written_at: Mapped[datetime]


# ---------------------------------------------------------------- cases


class Case(Base):
    """办件: one running process. Everything that changes it locks this row first."""

    __tablename__ = "case_"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    no: Mapped[str] = mapped_column(String(32), unique=True)
    region: Mapped[str] = mapped_column(String(40))
    process: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    release_id: Mapped[str] = mapped_column(ForeignKey("release.id"))
    data_key_id: Mapped[UUID] = mapped_column(ForeignKey("data_key.id"))
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("person_file.id"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    subject: Mapped[str] = mapped_column(String(120))  # whom the case is about, for lists
    applicant: Mapped[str] = mapped_column(String(10))  # unit | custodian | person
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_.id"))  # whose message began it
    office: Mapped[str | None] = mapped_column(String(40))  # where it is at home
    offices: Mapped[list[str]] = mapped_column(ARRAY(String(40)))  # all that ever had a task in it
    channel: Mapped[str] = mapped_column(String(20))
    channel_code: Mapped[str | None] = mapped_column(String(40))  # of ``[channels]`` (JLG-001)
    status: Mapped[str] = mapped_column(String(10))  # running | closed
    outcome: Mapped[str | None] = mapped_column(String(80))
    outcome_title: Mapped[str | None] = mapped_column(String(120))
    started_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(Integer)
    event_count: Mapped[int] = mapped_column(Integer)
    event_hash: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (
        Index("ix_case__region_status", "region", "status", "id"),
        Index(
            "ix_case__closed",
            "region",
            "closed_at",
            postgresql_where=text("closed_at is not null"),
        ),
        Index("ix_case__file", "file_id"),
        Index("ix_case__unit", "unit_id", "status", "id"),
        Index("ix_case__parent", "parent_id"),
        Index("ix_case__offices", "offices", postgresql_using="gin"),
        CheckConstraint("status in ('running', 'closed')", name="status"),
    )


class CaseNumber(Base):
    """The last number given out per region and day."""

    __tablename__ = "case_number"
    prefix: Mapped[str] = mapped_column(String(24), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class CaseState(Base):
    """The process engine's state of a case: bytes, never jsonb (key order carries meaning)."""

    __tablename__ = "case_state"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"), primary_key=True)
    serializer: Mapped[int] = mapped_column(SmallInteger)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class CaseSection(Base):
    """A versioned section of case data; every write is a new version with author and time."""

    __tablename__ = "case_section"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    author: Mapped[str] = mapped_column(String(80))
    written_at: Mapped[datetime]


class Item(Base):
    """联办事项: one agency's matter inside a case, with its own state."""

    __tablename__ = "item"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    agency: Mapped[str] = mapped_column(String(40))
    office: Mapped[str | None] = mapped_column(String(40))  # of the agency, where it has several
    state: Mapped[str] = mapped_column(String(30))
    round: Mapped[int] = mapped_column(SmallInteger)
    condition_met_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(400))
    changed_at: Mapped[datetime]


#: A due time as lists order it (NX-072); a day begins in China.
RANK = (
    "case when priority > 0 then date_trunc('day', due_at at time zone 'Asia/Shanghai')"
    " at time zone 'Asia/Shanghai' else due_at end"
)


class WorkItem(Base):
    """待办: one row of the worklist. What it shows of the case is copied, so lists need no join."""

    __tablename__ = "work_item"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    token: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(10))  # user | call
    call_id: Mapped[UUID | None]
    region: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(20))
    office: Mapped[str | None] = mapped_column(String(40))  # None: the region has one for all
    agency: Mapped[str | None] = mapped_column(String(40))
    process: Mapped[str] = mapped_column(String(80))  # the diagram it stands in
    # the process its case runs: an operator may be kept out of some
    case_process: Mapped[str] = mapped_column(String(80), default="", server_default="")
    element: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    form: Mapped[str] = mapped_column(String(120))
    section: Mapped[str] = mapped_column(String(60))
    item: Mapped[str | None] = mapped_column(String(40))
    case_no: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(120))
    unit_id: Mapped[UUID | None]
    file_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(String(10))  # open | done | cancelled
    claimed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    claimed_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    provisional: Mapped[bool] = mapped_column(Boolean)
    stage: Mapped[str | None] = mapped_column(String(40))  # 阶段, where the region has some
    priority: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")  # 1: first
    # where it stands in lists: by due time, those with priority before all others of their day
    rank_at: Mapped[datetime | None] = mapped_column(Computed(RANK, persisted=True))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    submit_key: Mapped[str | None] = mapped_column(String(64))  # a repeat of this one is harmless
    revision: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        # designed for 200,000 open rows: every list below is one index range
        Index(
            "ix_work_item_pool",
            "region",
            "role",
            "rank_at",
            "id",
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_work_item_office",
            "region",
            "role",
            "office",
            "rank_at",
            "id",
            postgresql_where=text("state = 'open' and office is not null"),
        ),
        Index(
            "ix_work_item_mine",
            "claimed_by",
            "rank_at",
            "id",
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_work_item_unit", "unit_id", "id", postgresql_where=text("state = 'open'")),
        Index("ix_work_item_file", "file_id", "id", postgresql_where=text("state = 'open'")),
        Index("ix_work_item_done", "closed_by", "closed_at"),
        Index("ix_work_item_case", "case_id"),
        Index("uq_work_item_token", "token", unique=True, postgresql_where=text("state = 'open'")),
        CheckConstraint("state in ('open', 'done', 'cancelled')", name="state"),
    )


class ServiceCall(Base):
    """服务请求: one request to one agency; ``id`` is the idempotency key over all attempts."""

    __tablename__ = "service_call"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    token: Mapped[UUID]
    region: Mapped[str] = mapped_column(String(40))
    operation: Mapped[str] = mapped_column(String(80))
    agency: Mapped[str] = mapped_column(String(40))
    element: Mapped[str] = mapped_column(String(80))
    process: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    item: Mapped[str | None] = mapped_column(String(40))
    section: Mapped[str | None] = mapped_column(String(60))
    office: Mapped[str | None] = mapped_column(String(40))  # who answers; None: the agency has one
    # queued → sending → accepted → succeeded | refused; also unknown | stuck | cancelled
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(SmallInteger)
    # api | file | manual, decided at the first try; a call handed over stays on its way
    mode: Mapped[str | None] = mapped_column(String(10))
    request_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    patience: Mapped[int | None] = mapped_column(SmallInteger)  # attempts before UNAVAILABLE
    reason_code: Mapped[str | None] = mapped_column(String(60))
    reason: Mapped[str | None] = mapped_column(String(400))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_service_call_case", "case_id"),
        Index(
            "ix_service_call_live",
            "state",
            "changed_at",
            postgresql_where=text("finished_at is null"),
        ),
        Index(
            "ix_service_call_waiting",
            "region",
            "agency",
            postgresql_where=text("mode = 'file' and state = 'queued'"),
        ),
        CheckConstraint(
            "state in ('queued','sending','accepted','succeeded','refused','unknown','stuck',"
            "'cancelled')",
            name="state",
        ),
    )


class ServiceAttempt(Base):
    """One try at one service call: when, how it ended, what was said."""

    __tablename__ = "service_attempt"
    call_id: Mapped[UUID] = mapped_column(ForeignKey("service_call.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))  # send | ask | cancel
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(String(400))


class Exchange(Base):
    """名册: a numbered list with which requests were handed to an agency, on paper or as a file.

    ``content_sealed`` is the file exactly as it was exported, under the list's own key.
    """

    __tablename__ = "exchange"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    region: Mapped[str] = mapped_column(String(40))
    agency: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))  # file | paper
    no: Mapped[int] = mapped_column(Integer)
    calls: Mapped[int] = mapped_column(Integer)
    cancellations: Mapped[int] = mapped_column(Integer)
    exported_at: Mapped[datetime]
    exported_by: Mapped[str] = mapped_column(String(80))
    data_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("data_key.id"))
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    # the department's liaison when it was signed for; until then, whoever is it today
    addressed_to: Mapped[str] = mapped_column(String(60), default="", server_default="")
    received_by: Mapped[str | None] = mapped_column(String(60))  # who signed for it
    received_on: Mapped[date | None]
    __table_args__ = (UniqueConstraint("region", "agency", "kind", "no"),)


class ExchangeLine(Base):
    """A line of a list: a request (``new``), or that one is no longer wanted (``cancel``)."""

    __tablename__ = "exchange_line"
    exchange_id: Mapped[UUID] = mapped_column(ForeignKey("exchange.id"), primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("service_call.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)  # new | cancel
    position: Mapped[int] = mapped_column(Integer)
    __table_args__ = (Index(None, "call_id"),)


class Upload(Base):
    """A table from outside, worked through row by row: a result file, or a roster of people.

    ``ref`` is the exchange it answers or the code of the roster. It is looked through first,
    confirmed by a person, then applied by a job that goes on where it was interrupted.
    """

    __tablename__ = "upload"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    purpose: Mapped[str] = mapped_column(String(10))  # result | roster
    region: Mapped[str] = mapped_column(String(40))
    ref: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(120))
    full: Mapped[bool] = mapped_column(Boolean)  # everybody is in it, or only what changed
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    data_key_id: Mapped[UUID] = mapped_column(ForeignKey("data_key.id"))
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    confirmed_at: Mapped[datetime | None]
    worked_at: Mapped[datetime | None]  # the last sign of life of the job
    finished_at: Mapped[datetime | None]
    __table_args__ = (
        Index(None, "purpose", "region", "ref", "id"),
        Index(
            "ix_upload_open",
            "worked_at",
            postgresql_where=text("confirmed_at is not null and finished_at is null"),
        ),
    )


class UploadRow(Base):
    """What became of one row of an upload; ``note_sealed`` says what is wrong and where."""

    __tablename__ = "upload_row"
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("upload.id"), primary_key=True)
    sheet: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    # ready → applied | noted | duplicate | late | wrong; also empty
    state: Mapped[str] = mapped_column(String(10))
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class Feedback(Base):
    """反馈: an agency's answer exactly as it came, stored before anything is done with it."""

    __tablename__ = "feedback"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("service_call.id"))
    channel: Mapped[str] = mapped_column(String(10))  # reply | callback | ask | file | manual
    raw_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    # stored → applied | noted | duplicate | late | unreadable
    state: Mapped[str] = mapped_column(String(12))
    __table_args__ = (
        Index(None, "call_id"),
        Index("ix_feedback_stored", "received_at", postgresql_where=text("state = 'stored'")),
    )


class Subscription(Base):
    """A wait for one message with one business key."""

    __tablename__ = "subscription"
    token: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    message: Mapped[str] = mapped_column(String(80))
    business_key: Mapped[str] = mapped_column(String(80))
    element: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    __table_args__ = (Index(None, "message", "business_key"), Index(None, "case_id"))


class MessageInbox(Base):
    """A message that came; one that came early waits here for its receiver."""

    __tablename__ = "message_inbox"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    message: Mapped[str] = mapped_column(String(80))
    business_key: Mapped[str] = mapped_column(String(80))
    received_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))  # waiting | delivered | expired
    case_id: Mapped[UUID | None]  # that received it
    sender_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_.id"))
    __table_args__ = (
        Index(None, "message", "business_key", postgresql_where=text("state = 'waiting'")),
    )


class Timer(Base):
    """Something that is to happen at ``due_at``: one table for all kinds."""

    __tablename__ = "timer"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(20))  # bpmn | rung | remind | retry | cancel | file
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_.id"))
    # token of the wait; region/process for start; person file/code for file
    ref: Mapped[str] = mapped_column(String(120))
    detail: Mapped[str | None] = mapped_column(String(40))  # which rung, which call
    due_at: Mapped[datetime]
    set_at: Mapped[datetime | None]  # when it was worked out: the same expression, the same now
    queued_at: Mapped[datetime | None]
    fired_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_timer_due", "due_at", postgresql_where=text("fired_at is null")),
        Index("ix_timer_case", "case_id", postgresql_where=text("fired_at is null")),
        Index(
            "uq_timer_file",
            "ref",
            unique=True,
            postgresql_where=text("kind = 'file' and fired_at is null"),
        ),
    )


class Deadline(Base):
    """时限: a promised due time. Budget and pauses are kept, so that it can be worked out again."""

    __tablename__ = "deadline"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    token: Mapped[UUID]
    code: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(120))
    item: Mapped[str | None] = mapped_column(String(40))
    role: Mapped[str | None] = mapped_column(String(20))
    budget: Mapped[int] = mapped_column(SmallInteger)
    unit: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    paused_days: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[datetime]
    legal_due_at: Mapped[datetime | None]
    provisional: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(10))  # running | paused | met | missed | cancelled
    ended_at: Mapped[datetime | None]

    @property
    def shown_at(self) -> datetime:
        """The earlier of promise and legal ceiling: what people are shown (rules R9)."""
        return min(self.due_at, self.legal_due_at or self.due_at)

    __table_args__ = (
        Index("ix_deadline_case", "case_id"),
        Index("ix_deadline_token", "token"),
        Index("ix_deadline_open", "due_at", postgresql_where=text("ended_at is null")),
    )


class Member(Base):
    """One of those a batch case is about: a person file, and its case where cases are gathered."""

    __tablename__ = "member"
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("person_file.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_.id"))
    __table_args__ = (
        UniqueConstraint("batch_id", "file_id", "case_id"),
        Index(None, "file_id"),
        Index(None, "case_id"),
    )


class Notice(Base):
    """A message to a person or unit, kept as it was sent."""

    __tablename__ = "notice"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    template: Mapped[str] = mapped_column(String(60))
    audience: Mapped[str] = mapped_column(String(10))  # person | unit | custodian | clerk
    title: Mapped[str] = mapped_column(String(120))
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    channel: Mapped[str] = mapped_column(String(10))  # sms | inbox
    state: Mapped[str] = mapped_column(String(10))  # queued | sent | failed
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    call_id: Mapped[UUID | None]  # that is to deliver it, for sms
    __table_args__ = (
        Index(None, "case_id"),
        Index("ix_notice_call", "call_id", postgresql_where=text("state = 'queued'")),
    )


class Attachment(Base):
    """附件: a file somebody handed in, named by the hash of its content.

    Before its case exists (a start form) it hangs on the account and is sealed under a key of its
    own; with the case it comes under the case's key. ``kept_at``: since when an answer refers to
    it; a file that nothing refers to is thrown away after a while.
    """

    __tablename__ = "attachment"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_.id"))
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("person_file.id"))
    data_key_id: Mapped[UUID] = mapped_column(ForeignKey("data_key.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    uploaded_by: Mapped[str] = mapped_column(String(80))
    uploaded_at: Mapped[datetime]
    name: Mapped[str] = mapped_column(String(160))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    kept_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_attachment_case", "case_id"),
        Index("ix_attachment_file", "file_id"),
        Index("ix_attachment_loose", "account_id", postgresql_where=text("case_id is null")),
        Index("ix_attachment_unkept", "uploaded_at", postgresql_where=text("kept_at is null")),
    )


class Document(Base):
    """文书: an official document exactly as it was issued; never rendered again."""

    __tablename__ = "document"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_.id"))
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("person_file.id"))
    data_key_id: Mapped[UUID] = mapped_column(ForeignKey("data_key.id"))
    key: Mapped[str] = mapped_column(String(60))
    item: Mapped[str | None] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(80))
    audience: Mapped[str] = mapped_column(String(60))  # person, unit, agency, office; by spaces
    media_type: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(160))
    sha256: Mapped[str] = mapped_column(String(64))
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    issued_at: Mapped[datetime]
    issued_by: Mapped[str] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(SmallInteger)
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    __table_args__ = (Index("ix_document_case", "case_id"), Index("ix_document_file", "file_id"))


class DocumentNumber(Base):
    """The last number given out in a series of documents, per region and year: without gaps."""

    __tablename__ = "document_number"
    region: Mapped[str] = mapped_column(String(40), primary_key=True)
    series: Mapped[str] = mapped_column(String(80), primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class Incident(Base):
    """异常: work that automation gave up on. The case stays alive."""

    __tablename__ = "incident"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    kind: Mapped[str] = mapped_column(String(20))  # call | message | timer
    ref: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(120))
    message: Mapped[str] = mapped_column(String(400))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    resolution: Mapped[str | None] = mapped_column(String(400))
    __table_args__ = (
        Index("ix_incident_open", "opened_at", postgresql_where=text("closed_at is null")),
        Index("ix_incident_case", "case_id"),
    )


class CaseEvent(Base):
    """One line of a case's history. Append-only; each line's hash covers the line before it."""

    __tablename__ = "case_event"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    seq: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    element: Mapped[str | None] = mapped_column(String(80))
    item: Mapped[str | None] = mapped_column(String(40))
    detail_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (UniqueConstraint("case_id", "seq"),)


class Draft(Base):
    """Answers saved without being checked; kept per work item and author."""

    __tablename__ = "draft"
    work_item_id: Mapped[UUID] = mapped_column(ForeignKey("work_item.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    answers_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    saved_at: Mapped[datetime]


# ---------------------------------------------------------------- accounts


class Account(Base):
    """Somebody who may sign in: staff, a unit's operator (经办人), or a retiree.

    ``identity_index``: keyed hash of an operator's identity number, by which the identity platform
    is understood; a retiree is known by ``person_id``. ``verified``: how surely the platform knew
    a retiree when they last came from it; empty: not. ``barred``: ``region/process`` an operator
    is kept out of. ``temporary``: the password was given by somebody else and is to be changed.
    """

    __tablename__ = "account"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    login: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(10))  # staff | unit | person
    office: Mapped[str] = mapped_column(String(80), default="")
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    unit_admin: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    barred: Mapped[list[str]] = mapped_column(
        ARRAY(String(121)), default=list, server_default=text("'{}'")
    )
    identity_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    verified: Mapped[str] = mapped_column(String(20), default="", server_default="")
    temporary: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    __table_args__ = (
        Index("ix_account_unit", "unit_id"),
        Index("ix_account_person", "person_id"),
        Index(
            "uq_account_identity",
            "unit_id",
            "identity_index",
            unique=True,
            postgresql_where=text("identity_index is not null"),
        ),
    )


class AccountEvent(Base):
    """What was done to an account and by whom: opened, changed, disabled. Append-only."""

    __tablename__ = "account_event"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))  # the account's, then
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(200))
    __table_args__ = (Index(None, "account_id"), Index(None, "unit_id", "at"))


class SpentTicket(Base):
    """A ticket of the portal or of the identity platform that was used: none is used twice."""

    __tablename__ = "spent_ticket"
    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    expires_at: Mapped[datetime]


class RoleGrant(Base):
    """An account holds a role in a region; with ``office``, only there and below it."""

    __tablename__ = "role_grant"
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    region: Mapped[str] = mapped_column(String(40), primary_key=True)
    office: Mapped[str] = mapped_column(String(40), primary_key=True, default="")
