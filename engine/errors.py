"""Everything that can go wrong, as one tree.

EngineError
├── NotFound              the thing asked for does not exist, or the actor may not know that it does
├── Forbidden             the actor may not do this
├── Conflict              somebody or something got there first
│   ├── StaleRevision     the page was opened before the last change
│   └── AlreadyClaimed    a colleague holds the task
├── Invalid               the input breaks a rule; ``errors`` names the fields
├── PackInvalid           a region pack has mistakes; ``problems`` lists them all
├── DiagramFault          a running diagram or expression asks for the impossible
├── CannotStart           this installation is not set up right; the message says what to change
└── AgencyError           what an agency may do to us
    ├── AgencyUnavailable     nobody answered: try again later
    ├── AgencyOutcomeUnknown  sent, but no answer came: ask before sending again
    ├── AgencyRefused         a coded "no": a business result, never tried again
    └── AgencyReplyUnreadable the answer makes no sense: a person must look

The class docstring is for developers; ``message`` is for the person at the screen and is Chinese.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class EngineError(Exception):
    """Root of all errors the engine raises on purpose. Nothing was changed when one is raised."""

    default = "操作未能完成，请稍后再试。"

    def __init__(self, message: str | None = None) -> None:
        self.message = message or self.default
        super().__init__(self.message)


class NotFound(EngineError):
    """The thing asked for does not exist, or the actor may not know that it does."""

    default = "没有找到所请求的内容，可能已被移除，或您无权查看。"


class Forbidden(EngineError):
    """The actor may not do this."""

    default = "您没有办理此项操作的权限。"


class Conflict(EngineError):
    """Somebody or something got there first; reading the page again shows the new state."""

    default = "该办件已发生变化，请刷新后再办理。"


class StaleRevision(Conflict):
    """The page was opened before the last change to the case."""

    default = "您打开页面后，该环节已被更新。您填写的内容已保留，请核对后重新提交。"


class AlreadyClaimed(Conflict):
    """A colleague holds the task."""

    default = "该环节已由其他人员领取。"


class Invalid(EngineError):
    """The input breaks a rule. ``errors`` maps a dotted field path to a message in Chinese."""

    default = "填写的内容有误，请按提示修改。"

    def __init__(self, message: str | None = None, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.errors = dict(errors or {})


class PackInvalid(EngineError):
    """A region pack has mistakes. ``problems`` lists every one of them."""

    default = "地区包检查未通过。"

    def __init__(self, problems: Sequence[Any]) -> None:
        super().__init__(f"{self.default}共 {len(problems)} 处问题。")
        self.problems = list(problems)


class CannotStart(EngineError):
    """This installation is not set up right. Never retried: somebody must mend it first."""

    default = "系统无法启动，请检查安装与环境变量。"


class DiagramFault(EngineError):
    """A running diagram or expression asks for the impossible: a designer must mend the pack.

    ``check`` exists so that this is never seen. Retrying does not help.
    """

    default = "流程图或表达式有误，请联系流程设计人员。"


class AgencyError(EngineError):
    """What an agency may do to us."""

    default = "部门系统返回异常。"


class AgencyUnavailable(AgencyError):
    """Nobody answered, or answered "not now". Retry later: the request was certainly not taken."""

    default = "部门系统暂时无法连接。"


class AgencyOutcomeUnknown(AgencyError):
    """The request left us but no answer came. Ask for its state before sending it again."""

    default = "请求已发出，但未收到部门系统的答复。"


class AgencyRefused(AgencyError):
    """A coded "no": a business result that goes to the error boundary of its own token.

    Never retried. ``code`` is upper-case ASCII, ``reason`` is the agency's sentence.
    """

    default = "部门审核未通过。"

    def __init__(self, code: str, reason: str = "") -> None:
        super().__init__(reason or self.default)
        self.code = code
        self.reason = reason or self.default


class AgencyReplyUnreadable(AgencyError):
    """The answer makes no sense. It becomes an incident; the task stays started."""

    default = "部门系统的答复无法识别，已转人工处理。"
