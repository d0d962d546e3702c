"""公安机关: the police keep the household register.

One operation, answered at once: is this the person the register knows, and is he or she alive.
Asked at submission and again before approval when the last answer is older than 24 hours.

Source: JLG-051 (户籍信息核验 at submission), JL-025 (at application, review and approval).
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from engine.operations import Operation, operations
from handlers.fields import Block, Line, PersonNumber, Word, titled

TITLE = "公安机关"


class HouseholdCheck(Block):
    """Who is asked about."""

    name: Word = Field(title="姓名")
    id_no: PersonNumber = Field(title="身份证号")


#: What differs from the register.
Mismatch = Annotated[
    Literal["name", "id_no"], Field(json_schema_extra=titled(name="姓名", id_no="身份证号"))
]


class HouseholdRecord(Block):
    """What the register says."""

    match: bool = Field(title="信息一致")
    life_status: Literal["alive", "deceased"] = Field(
        title="生存状态", json_schema_extra=titled(alive="健在", deceased="已死亡")
    )
    household_region: Line = Field("", title="户籍所在地")
    mismatch_fields: list[Mismatch] = Field(
        default_factory=list, max_length=2, title="不一致的项目"
    )
    checked_at: AwareDatetime = Field(title="核验时间")


operations.add(
    Operation(
        code="police/household_check",
        title="户籍信息核验",
        request=HouseholdCheck,
        reply=HouseholdRecord,
        refusals={
            "MISMATCH": "姓名或身份证号与户籍登记不一致",
            "DECEASED": "户籍登记显示该人员已死亡",
        },
        source="JLG-051 JL-025",
    )
)
