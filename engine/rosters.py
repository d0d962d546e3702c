"""名册导入: people a region takes in as a table, one row per person.

Repeating a table is harmless: a person is found by the identity number, and a row that says what
the file knows already changes nothing. Whoever is missing from a full table is listed, never
removed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine.access import Actor, files_in_reach
from engine.clock import office_date
from engine.errors import Invalid, NotFound
from engine.file_record import open_file
from engine.forms import Form, clean, declared, effective
from engine.models import Case, FileSection, Person, PersonFile, Unit
from engine.new_case import launch, new_case
from engine.offices import desk_of
from engine.packs.region import EMPLOYED, RegionConfig, RosterRule
from engine.packs.release import LoadedRelease
from engine.people import ensure_unit, find_file, record_sections, register_person
from engine.runtime import Runtime
from engine.scope import beyond
from engine.sheets import Column, Sheet, answers_of, columns_of, write_book
from engine.uploads import Finding, Work, by_heading, require_headings

CHANNEL = "名册"
_WHO = {
    "name": {"type": "string", "title": "姓名", "minLength": 2, "maxLength": 60},
    "id_no": {"type": "string", "title": "身份证号", "format": "cn-ric", "x-sensitive": True},
}
_REGISTRATION = {
    "mobile": {"type": "string", "title": "手机号码", "format": "cn-mobile", "x-sensitive": True},
    "unit": {"type": "string", "title": "单位名称", "maxLength": 120},
    "uscc": {"type": "string", "title": "统一社会信用代码", "format": "cn-uscc"},
}
_ADVICE = (
    "每人一行；红色列名为必填。请勿改动列名，可以删去不需要的空行。",
    "身份证号、手机号码请按文本填写；日期写成 2027-05-20；金额以元为单位。",
    "单位名称和统一社会信用代码应同时填写；灵活就业人员两项都不填。",
    "上传后先核对，确认后才写入；重复上传不会重复登记。",
)
_TO_APPLY = (
    "每人一行；红色列名为必填。请勿改动列名，可以删去不需要的空行。",
    "身份证号、手机号码请按文本填写；日期写成 2027-05-20。只填本单位的职工。",
    "上传后先核对，确认后每行提交一件申请；重复上传不会重复申请。",
)
#: What an employer's table leaves out: everybody in it is an employee of the unit that uploads it.
OWN = ("employment", "uscc")


@dataclass(frozen=True)
class Roster:
    """A roster of a region as it is taken in today."""

    code: str
    rule: RosterRule
    release: LoadedRelease

    @property
    def purpose(self) -> str:
        """What its tables are for, as ``engine.purposes`` calls it."""
        return "apply" if self.rule.applies else "roster"

    @property
    def region(self) -> str:
        """The region it belongs to."""
        return self.release.config.code

    @cached_property
    def form(self) -> Form:
        """Who the person is, and the fields of the region's form; or the start form."""
        if self.rule.applies:
            process = self.release.config.processes[self.rule.applies]
            return self.release.pack.form(process.start_form)
        own = self.release.pack.form(self.rule.form)
        who = {**_WHO, **(_REGISTRATION if self.rule.opens_file else {})}
        required = [*_WHO, *(key for key in own.schema.get("required", ()) if key not in _WHO)]
        schema = {
            **own.schema,
            "properties": {**who, **own.schema.get("properties", {})},
            "required": required,
        }
        order = [*who, *(key for key in own.ui.get("ui:order", ()) if key not in who)]
        return Form(schema, {**own.ui, "ui:order": order})

    @cached_property
    def columns(self) -> list[Column]:
        """Its columns; an employer who applies is asked what concerns its employees."""
        found = columns_of(self.form)
        if not self.rule.applies:
            return found
        asked = effective(self.form.inlined, EMPLOYED).properties.keys() - set(OWN)
        return [one for one in found if one.path.partition(".")[0] in asked]

    @cached_property
    def fields(self) -> frozenset[str]:
        """The fields that are written to its section."""
        schema = self.release.config.sections[self.rule.section].schema_file
        known = self.release.pack.form(schema.removesuffix(".schema.json")).inlined
        return frozenset(declared(known))

    def template(self) -> bytes:
        """An empty workbook to be filled in."""
        sheet = Sheet(
            title=self.rule.title,
            headings=[column.title for column in self.columns],
            choices={c.title: list(c.options) for c in self.columns if c.options and not c.is_list},
            required=frozenset(column.title for column in self.columns if column.required),
            blank_rows=200,
        )
        advice = _TO_APPLY if self.rule.applies else _ADVICE
        return write_book([sheet], (self.rule.title, *advice))


def may_take_in(actor: Actor, config: RegionConfig, rule: RosterRule) -> bool:
    """Whether the actor may take a roster in, if only about the people of one office."""
    if rule.applies and not actor.may_use(config.code, rule.applies):
        return False
    if actor.kind == "unit":
        return "unit" in rule.roles and (not rule.applies or actor.entry == "unit")
    return actor.serves(rule.roles, config.code)


def roster_of(runtime: Runtime, session: Session, region: str, code: str, actor: Actor) -> Roster:
    """A roster of the release that is active now.

    Raises:
        NotFound: no such roster, or not the actor's.
    """
    release = runtime.releases.active(session, region, runtime.clock.now())
    rule = release.config.rosters.get(code)
    if rule is None or not may_take_in(actor, release.config, rule):
        raise NotFound
    return Roster(code, rule, release)


class RosterRows:
    """The rows of a roster.

    Raises:
        NotFound: no such roster, or not the actor's.
        Invalid: it is not one table, or columns are missing.
    """

    def __init__(self, session: Session, work: Work) -> None:
        self._session, self._work = session, work
        self._roster = roster_of(work.runtime, session, work.region, work.ref, work.actor)
        self._offices = work.actor.offices(self._roster.rule.roles, work.region)
        self._desk = desk_of(session, work.region, self._offices)
        tables = [table for table in work.tables if table.rows]
        if len(tables) != 1:
            raise Invalid("名册应只有一张有内容的工作表。")
        self._table, self._sheet = tables[0], work.tables.index(tables[0])
        needed = [column.title for column in self._roster.columns if column.required]
        require_headings(self._table, needed)

    def look(self) -> Iterator[Finding]:
        """Look through all rows; then say who is missing from a full table."""
        seen: dict[str, int] = {}
        contents: dict[int, dict[str, Any]] = {}
        findings: dict[int, Finding] = {}
        for number in self._table.rows:
            try:
                content = contents[number] = self._content(number)
                first = seen.setdefault(content["id_no"], number)
                if first != number:
                    raise Invalid(errors={"id_no": f"与第 {first} 行重复"})
            except Invalid as error:
                findings[number] = self._wrong(number, error)
        known = self._known(list(seen))
        for number in self._table.rows:
            yield findings.get(number) or self._fits(number, contents[number], known)
        if self._work.full:
            yield from self._missing({one[0].id for one in known.values()})

    def apply(self, session: Session, sheet: int, number: int) -> Finding:
        """Write one person's row."""
        try:
            changed = self._write(session, self._content(number))
        except Invalid as error:
            raise Invalid(error.message, self._wrong(number, error).note) from None
        return Finding(sheet, number, "applied" if changed else "duplicate")

    def _content(self, number: int) -> dict[str, Any]:
        """A row as the form has it; raises ``Invalid`` with every wrong field."""
        roster, now = self._roster, self._work.runtime.clock.now()
        answers = answers_of(roster.form, roster.columns, self._table.cells(number))
        content = clean(roster.form, answers, {}, office_date(now))
        if bool(content.get("unit")) != bool(content.get("uscc")) and roster.rule.opens_file:
            raise Invalid(errors={"unit": "单位名称和统一社会信用代码应同时填写，或同时不填"})
        return content

    def _wrong(self, number: int, error: Invalid) -> Finding:
        headings = {column.path: column.title for column in self._roster.columns}
        errors = error.errors or {"": error.message}
        return Finding(self._sheet, number, "wrong", by_heading(errors, headings))

    def _known(self, numbers: list[str]) -> Mapping[str, tuple[PersonFile, Person, str | None]]:
        """Those on record in the region, by identity number, with their employer's code."""
        index = self._work.runtime.keyring.index
        by_index = {index(one): one for one in numbers}
        query = (
            select(PersonFile, Person, Unit.uscc)
            .join(Person, Person.id == PersonFile.person_id)
            .outerjoin(Unit, Unit.id == PersonFile.unit_id)
            .where(PersonFile.region == self._work.region, Person.id_no_index.in_(list(by_index)))
        )
        with beyond(self._session):  # of whom is another employer's, the row says only that
            rows = self._session.execute(query).all()
        return {by_index[bytes(row[1].id_no_index)]: (row[0], row[1], row[2]) for row in rows}

    def _fits(self, number: int, content: Mapping[str, Any], known: Mapping[str, Any]) -> Finding:
        """Whether the person is who the row says, and within the actor's reach."""
        found = known.get(content["id_no"])
        try:
            if found is None and not self._roster.rule.opens_file:
                raise Invalid(errors={"id_no": "本地区没有登记此人"})
            # first: of others' people nothing is said, not even whether the name is right
            self._require_own(found[0] if found else None, content)
            if found is not None and found[1].name != content["name"]:
                raise Invalid(errors={"name": "姓名与登记的不一致"})
        except Invalid as error:
            return self._wrong(number, error)
        return Finding(self._sheet, number, "ready")

    def _require_own(self, file: PersonFile | None, content: Mapping[str, Any]) -> None:
        """An employer or an office says something about its own people only."""
        actor = self._work.actor
        if actor.kind == "unit":
            self._require_employed(file, content, actor)
            return
        if "" in self._offices:
            return
        if file is not None and file.office not in self._offices:
            raise Invalid(errors={"id_no": "不是您所在机构的参保人员"})
        if (content.get("office") or (file.office if file else self._desk)) not in self._offices:
            raise Invalid(errors={"office": "只能登记到您所在的机构"})

    def _require_employed(
        self, file: PersonFile | None, content: Mapping[str, Any], actor: Actor
    ) -> None:
        own = set(self._session.scalars(select(Unit.uscc).where(Unit.id.in_(list(actor.units)))))
        if file is not None and file.unit_id not in actor.units:
            raise Invalid(errors={"id_no": "不是本单位的人员"})
        if self._roster.rule.opens_file and content.get("uscc") not in own:
            raise Invalid(errors={"uscc": "应为本单位的统一社会信用代码"})

    def _missing(self, present: set[Any]) -> Iterator[Finding]:
        """Who has the section and is not in the table; numbered downwards, beside no row."""
        rows = self._session.execute(
            select(PersonFile.id, Person.name)
            .join(Person, Person.id == PersonFile.person_id)
            .where(
                PersonFile.region == self._work.region,
                *self._reach(),
                PersonFile.id.in_(
                    select(FileSection.file_id).where(FileSection.name == self._roster.rule.section)
                ),
            )
            .order_by(Person.name, PersonFile.id)
        )
        absent = (name for file_id, name in rows if file_id not in present)
        for place, name in enumerate(absent, 1):
            yield Finding(self._sheet, -place, "missing", {"姓名": name})

    def _reach(self) -> Iterator[ColumnElement[bool]]:
        """Whose people a full table is about."""
        yield files_in_reach(self._work.actor)
        if self._work.actor.kind == "staff" and "" not in self._offices:
            yield PersonFile.office.in_(sorted(self._offices))

    def _write(self, session: Session, content: Mapping[str, Any]) -> bool:
        """Register, write what is new, begin what is to begin; whether anything changed."""
        runtime, roster = self._work.runtime, self._roster
        file, opened = self._file(session, content)
        session.refresh(file, with_for_update=True)
        said = {key: value for key, value in content.items() if key in roster.fields}
        changed = opened
        if said and open_file(runtime, session, file).get(roster.rule.section) != said:
            sections = {roster.rule.section: said}
            record_sections(runtime, session, file, sections, self._work.actor.name)
            changed = True
        return self._begin(session, file) or changed

    def _file(self, session: Session, content: Mapping[str, Any]) -> tuple[PersonFile, bool]:
        runtime, region = self._work.runtime, self._work.region
        found = find_file(runtime, session, region, content["id_no"])
        self._session = session
        self._require_own(found[0] if found else None, content)
        if found is not None and found[1].name != content["name"]:
            raise Invalid(errors={"name": "姓名与登记的不一致"})
        if not self._roster.rule.opens_file:
            if found is None:
                raise Invalid(errors={"id_no": "本地区没有登记此人"})
            return found[0], False
        if found is not None and not content.get("uscc"):
            return found[0], False  # an empty cell says nothing about the employer on record
        if content.get("uscc"):
            ensure_unit(session, content)
        employment = "employee" if content.get("uscc") else "flexible"
        # somebody new belongs to the office that registers them, unless the table says where
        office = self._desk if found is None else None
        facts = {"employment": employment, "office": office, **content}
        return register_person(runtime, session, region, facts)[0], found is None

    def _begin(self, session: Session, file: PersonFile) -> bool:
        """Begin the roster's process about a person who never had it."""
        process = self._roster.rule.starts
        if not process:
            return False
        had = select(Case.id).where(Case.file_id == file.id, Case.process == process)
        if session.scalar(had.limit(1)) is not None:
            return False
        case = new_case(
            self._work.runtime,
            session,
            self._roster.release,
            process,
            self._work.actor,
            file=file,
            channel=CHANNEL,
        )
        case.note("started", f"由名册“{self._roster.rule.title}”开始：{case.case.title}")
        launch(case)
        return True
