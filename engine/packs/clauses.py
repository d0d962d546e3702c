"""条款: the sentences of policy documents that ask something of software, as ``clauses.csv`` says.

A region reads its own rows and those of its parents: a county that takes over its province's
diagrams takes over what they fulfil.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

#: The columns of ``clauses.csv``, in their order.
COLUMNS = (
    *("id", "policy", "section", "clause_zh", "requirement_en", "actor", "kind", "deadline"),
    *("in_scope", "scope_reason"),
)
#: What a clause asks for, and what people call it.
KINDS = {
    "start-condition": "发起条件",
    "user-task": "办理环节",
    "service-task": "部门办理",
    "decision": "判断",
    "form-field": "填报内容",
    "timer": "时限",
    "message": "部门间交换",
    "notification": "告知",
    "document": "文书",
    "permission": "权限",
    "query": "查询",
    "statistics": "统计",
    "organisational": "组织工作",
}
#: Whether software has to do something about a clause.
SCOPES = {"yes": "须由系统实现", "partly": "系统实现一部分", "no": "不由系统实现"}


@dataclass(frozen=True)
class Clause:
    """One sentence and what software must do about it.

    ``policy`` is the number or title of one of the region's policy documents;
    ``text`` the sentence as it stands there; ``requirement`` what it asks of software (English).
    """

    id: str
    policy: str
    section: str
    text: str
    requirement: str
    actor: str
    kind: str
    deadline: str
    in_scope: str
    scope_reason: str

    @property
    def counts(self) -> bool:
        """Whether software has to do something about it."""
        return self.in_scope != "no"


def read_clauses(files: Mapping[str, bytes]) -> dict[str, Clause]:
    """Clause id → clause, of all ``clauses.csv`` of a pack. The checker says what is wrong."""
    found: dict[str, Clause] = {}
    for path in clause_files(files):
        for _, row in read_rows(files[path]):
            if len(row) == len(COLUMNS) and row[0]:
                found.setdefault(row[0], Clause(*row))
    return found


def clause_files(files: Mapping[str, bytes]) -> list[str]:
    """The ``clauses.csv`` of a region and its parents."""
    return sorted(path for path in files if is_clauses(path))


def is_clauses(path: str) -> bool:
    """Whether a file of a pack holds clauses."""
    return path.startswith("processes/") and path.split("/", 2)[2] == "clauses.csv"


def read_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row after the heading; empty lines are passed over."""
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig", "replace"), newline=""))
    for row in reader:
        if reader.line_num > 1 and any(row):
            yield reader.line_num, [cell.strip() for cell in row]
