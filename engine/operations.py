"""The operations that service tasks may ask of agencies.

``handlers/<agency>.py`` registers them; the engine, the checker, the sandbox, the manual desk
and the designer all read the same register. The engine never imports a handler.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from engine.errors import NotFound


@dataclass(frozen=True)
class Operation:
    """One thing one agency can be asked to do.

    Args:
        code: ``agency/verb``, as a diagram names it, e.g. ``housing_fund/withdraw``.
        title: what a clerk calls it, e.g. ``公积金提取``.
        request: model of the business block we send; its fields are the task's parameters.
        reply: model of the business block a success carries.
        refusals: refusal code → what it means, in Chinese. Only these may reach a boundary event.
        source: clause ids or standard this operation fulfils.
        by_person: not the agency but the person confirms it, with a code that the agency's first
            answer carries (``scan_url``).
    """

    code: str
    title: str
    request: type[BaseModel]
    reply: type[BaseModel]
    refusals: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    by_person: bool = False

    @property
    def agency(self) -> str:
        """The agency's code, the part before the slash."""
        return self.code.split("/", 1)[0]


class OperationRegister:
    """All operations known to this installation, by code."""

    def __init__(self) -> None:
        self._operations: dict[str, Operation] = {}

    def add(self, operation: Operation) -> Operation:
        """Register an operation; two with one code are a programming error."""
        if operation.code in self._operations:
            raise ValueError(f"operation {operation.code} is registered twice")
        self._operations[operation.code] = operation
        return operation

    def get(self, code: str) -> Operation:
        """Return the operation, or raise ``NotFound`` (do not retry)."""
        try:
            return self._operations[code]
        except KeyError:
            raise NotFound(f"没有登记的服务操作：{code}") from None

    def __contains__(self, code: object) -> bool:
        return code in self._operations

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._operations.values())


#: Filled by ``handlers`` when it is imported; tests may build their own.
operations = OperationRegister()
