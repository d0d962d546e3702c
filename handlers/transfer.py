"""全国社会保险关系转移系统: asks other places what they know about a person.

Whether the archive was reviewed there already (mutual recognition across provinces and within the
region), and how far a transfer has got that the person applied for on a national platform.

Source: NX-030, NX-032, NX-038, NX-053, NX-085.
"""

from datetime import date
from typing import Literal

from pydantic import Field

from engine.operations import Operation, operations
from handlers.fields import Block, Line, Months, Word, titled

TITLE = "全国社会保险关系转移系统"


class ReviewQuery(Block):
    """Whose archive review is asked for."""

    name: Word = Field(title="姓名")
    id_no: Word = Field(title="身份证号")


class ReviewRecord(Block):
    """What the place of review decided."""

    agency: Line = Field(title="预审机构")
    conclusion: Literal["passed", "failed"] = Field(
        title="预审结论", json_schema_extra=titled(passed="通过", failed="不通过")
    )
    birth_date: date = Field(title="认定的出生日期")
    deemed_months: Months = Field(title="视同缴费月数")
    reviewed_on: date = Field(title="预审日期")


class RelationQuery(Block):
    """Whose transfer is asked for, and from where."""

    name: Word = Field(title="姓名")
    id_no: Word = Field(title="身份证号")
    place: Word = Field(title="原参保地")


class RelationRecord(Block):
    """A transfer that has arrived."""

    months: Months = Field(title="转入的缴费月数")
    finished_on: date = Field(title="办结日期")


operations.add(
    Operation(
        code="transfer/pre_review",
        title="档案预审结果查询",
        request=ReviewQuery,
        reply=ReviewRecord,
        refusals={"NOT_FOUND": "对方没有该人员的预审结果"},
        source="NX-032 NX-053 NX-085",
    )
)
operations.add(
    Operation(
        code="transfer/relation",
        title="养老保险关系转移进度查询",
        request=RelationQuery,
        reply=RelationRecord,
        refusals={"NOT_FINISHED": "转移接续尚未办结"},
        source="NX-038",
    )
)
