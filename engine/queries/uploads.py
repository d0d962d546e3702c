"""What became of a table from outside: figures, wrong rows, and the table handed back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.errors import NotFound
from engine.exchange import STATE
from engine.models import DataKey, Upload, UploadRow
from engine.runtime import Runtime
from engine.sealing import SealingKey
from engine.sheets import Sheet, Table, read_tables, write_book
from engine.uploads import Finding

#: So many wrong rows are shown on the page; all are in the table that is handed back.
MOST_SHOWN = 100
#: States nobody has to look at: their notes stand in the table only.
_PLAIN = ("applied", "duplicate")
_ADVICE = (
    "“登记结果”一列是系统逐行核对或登记的结果；红色单元格有误，批注说明原因。",
    "请在本文件中改正后重新上传；已登记的行重复上传不会重复处理。",
)


@dataclass(frozen=True)
class UploadPage:
    """An upload with its figures by state and the rows that need a look."""

    upload: Upload
    counts: Mapping[str, int]
    sheets: Sequence[str]
    findings: Sequence[Finding]

    @property
    def total(self) -> int:
        """How many rows it has."""
        return sum(self.counts.values()) - self.counts.get("missing", 0)

    @property
    def left(self) -> int:
        """How many are still to be applied."""
        return self.counts.get("ready", 0)


def upload_page(runtime: Runtime, upload_id: UUID, actor: Actor) -> UploadPage:
    """Read what was found.

    Raises:
        NotFound: no such upload, or not the actor's own.
    """
    with runtime.reading() as session:
        upload, key, tables = _open(runtime, session, upload_id, actor)
        counts = session.execute(
            select(UploadRow.state, func.count())
            .where(UploadRow.upload_id == upload_id)
            .group_by(UploadRow.state)
        )
        # numbers below zero stand for people who are in no row: they come last
        odd = and_(UploadRow.note_sealed.is_not(None), UploadRow.state.not_in(_PLAIN))
        return UploadPage(
            upload,
            Counter(dict(counts.all())),
            [table.title for table in tables],
            _findings(session, key, upload_id, odd, limit=MOST_SHOWN),
        )


def marked_table(
    runtime: Runtime, upload_id: UUID, actor: Actor, *, only_wrong: bool = False
) -> tuple[str, bytes]:
    """The table with the state of every row written beside it; return a file name and a workbook.

    Args:
        only_wrong: leave out all rows but those to be mended.

    Raises:
        NotFound: no such upload, or not the actor's own.
    """
    with runtime.reading() as session:
        upload, key, tables = _open(runtime, session, upload_id, actor)
        findings = _findings(session, key, upload_id)
    found = {(one.sheet, one.number): one for one in findings}
    if only_wrong:
        found = {place: one for place, one in found.items() if one.state == "wrong"}
        tables = [
            _only(table, {row for at, row in found if at == n}) for n, table in enumerate(tables)
        ]
        findings = []
    sheets = [_marked(number, table, found) for number, table in enumerate(tables)]
    missing = [[said] for one in findings if one.number < 0 for said in one.note.values()]
    if missing:
        sheets.append(Sheet("本次没有的人员", ["姓名"], missing))
    name = upload.name.rpartition(".")[0] or upload.name
    what = "需改正" if only_wrong else "登记结果"
    return f"{name}（{what}）.xlsx", write_book(sheets, _ADVICE)


def _open(
    runtime: Runtime, session: Session, upload_id: UUID, actor: Actor
) -> tuple[Upload, SealingKey, Sequence[Table]]:
    row = session.execute(
        select(Upload, DataKey.wrapped)
        .join(DataKey, DataKey.id == Upload.data_key_id)
        .where(Upload.id == upload_id, Upload.uploaded_by == actor.account_id)
    ).one_or_none()
    if row is None or row[1] is None:
        raise NotFound
    key = runtime.keyring.unwrap(row[1])
    return row[0], key, read_tables(key.open(bytes(row[0].content_sealed)))


def _findings(
    session: Session, key: SealingKey, upload_id: UUID, *conditions: object, limit: int = 10_000
) -> list[Finding]:
    rows = session.scalars(
        select(UploadRow)
        .where(UploadRow.upload_id == upload_id, *conditions)  # type: ignore[arg-type]
        .order_by(UploadRow.number < 0, UploadRow.sheet, func.abs(UploadRow.number))
        .limit(limit)
    )
    return [
        Finding(
            row.sheet,
            row.number,
            row.state,  # type: ignore[arg-type]
            key.open_json(bytes(row.note_sealed)) if row.note_sealed else {},
        )
        for row in rows
    ]


def _only(table: Table, numbers: set[int]) -> Table:
    return Table(table.title, table.headings, {n: table.rows[n] for n in sorted(numbers)})


def _marked(number: int, table: Table, found: Mapping[tuple[int, int], Finding]) -> Sheet:
    headings = [one for one in table.headings if one != STATE]
    rows, wrong = [], {}
    for place, line in enumerate(table.rows):
        finding = found.get((number, line))
        cells = table.cells(line)
        rows.append([*(cells.get(one, "") for one in headings), finding.words if finding else ""])
        for heading, said in finding.note.items() if finding and finding.state == "wrong" else ():
            wrong[place, heading or STATE] = said
    return Sheet(table.title or "结果", [*headings, STATE], rows, wrong=wrong)
