"""The one service operation the packs of these tests know."""

from pydantic import BaseModel, Field

from engine.operations import Operation, OperationRegister


class Sealing(BaseModel):
    amount: int = Field(title="金额")
    note: str | None = Field(None, title="备注")


class Sealed(BaseModel):
    sealed_on: str = Field(title="封存日期")


OPERATIONS = OperationRegister()
OPERATIONS.add(
    Operation(
        code="fund/seal",
        title="封存",
        request=Sealing,
        reply=Sealed,
        refusals={"REFUSED": "不符合封存条件"},
    )
)
