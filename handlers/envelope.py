"""The envelope around everything said between us and an agency.

The outside is the same for all agencies and all transports; the inside, ``business``, is the
request or reply model of the operation. What comes from outside is read in one place,
``read_reply``, and is either understood completely or not at all.
"""

from collections.abc import Mapping
from copy import copy
from datetime import date
from functools import cache
from json import dumps
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, ValidationError, create_model

from engine.errors import AgencyReplyUnreadable, Invalid
from engine.operations import Operation
from handlers.fields import Block, Line, ReasonCode, Word

#: No answer of an agency is longer than this; a longer one is not read.
MAX_BYTES = 64 * 1024

Status = Literal["ACCEPTED", "SUCCESS", "FAILED", "PENDING_CONDITION", "SUPPLEMENT", "ERROR"]

#: What each status means, as a clerk would say it.
STATUS_TITLES: Mapping[Status, str] = {
    "ACCEPTED": "已受理",
    "SUCCESS": "办结",
    "FAILED": "不予办理",
    "PENDING_CONDITION": "等待条件",
    "SUPPLEMENT": "需要补正",
    "ERROR": "系统异常",
}


class PersonBlock(Block):
    """Whom a request is about."""

    name: Word = Field(title="姓名")
    id_no: Word = Field(title="身份证号")
    mobile: Line | None = Field(None, title="手机号码")


class FileBlock(Block):
    """A file that goes with a request: fetched from ``url`` with GET, while the link is valid."""

    type: Word = Field(title="材料")
    name: Line = Field(title="文件名")
    sha256: str = Field(min_length=64, max_length=64, title="校验值")
    url: str = Field(max_length=600, title="取件地址")


class Request(Block):
    """What we send. ``request_id`` stays the same over all attempts: it is the idempotency key."""

    request_id: UUID = Field(title="请求编号")
    case_no: Word = Field(title="办件编号")
    item_code: Line | None = Field(None, title="事项代码")
    attempt: int = Field(ge=1, title="第几次发送")
    region_code: Word = Field(title="地区")
    agency_code: Word = Field(title="部门")
    office_code: Line | None = Field(None, title="受理机构代码")
    operation: Word = Field(title="服务操作")
    sent_at: AwareDatetime = Field(title="发送时间")
    person: PersonBlock = Field(title="办事人")
    business: dict[str, Any] = Field(title="业务数据")
    files: list[FileBlock] = Field(default_factory=list, max_length=100, title="附件")
    callback_url: str = Field("", max_length=400, title="反馈地址")


class Reply(Block):
    """What an agency says, at once or later as feedback.

    ``condition_met_at`` is the day from which the agency's promised time runs.
    """

    request_id: UUID = Field(title="请求编号")
    status: Status = Field(title="状态")
    reason_code: ReasonCode | None = Field(None, title="原因代码")
    reason_text: Line = Field("", title="原因说明")
    handled_by: Line = Field("", title="经办人")
    handled_at: AwareDatetime | None = Field(None, title="办理时间")
    promise_date: date | None = Field(None, title="承诺日期")
    agency_tel: Line = Field("", title="咨询电话")
    condition_met_at: AwareDatetime | None = Field(None, title="条件满足时间")
    business: dict[str, Any] = Field(default_factory=dict, title="业务结果")


def check_business(operation: Operation, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Check the parameters of a service task against what its operation asks for.

    Args:
        operation: the operation to be asked for.
        parameters: evaluated parameters of the task; dates are ISO strings, money is fen.

    Returns:
        The business block, ready for JSON.

    Raises:
        Invalid: a parameter is missing, unknown or of the wrong kind; sending again is no use.
    """
    try:
        return _read(operation.request, parameters)
    except ValidationError as error:
        problems = wrong_places(error)
        raise Invalid(f"发给部门的数据不完整：{_sentence(problems)}", problems) from None


def read_reply(raw: bytes, operation: Operation, request_id: UUID) -> Reply:
    """Read an agency's answer, believing nothing.

    Args:
        raw: the answer as it came, JSON in UTF-8.
        operation: the operation that was asked for; decides what ``business`` may hold.
        request_id: the request the answer must belong to.

    Returns:
        The reply; ``business`` holds exactly the fields of the operation's reply model on
        success, and some of them otherwise (e.g. the shortfall that explains a refusal).

    Raises:
        AgencyReplyUnreadable: with what is wrong, in Chinese; a person must look.
    """
    if len(raw) > MAX_BYTES:
        raise AgencyReplyUnreadable(f"答复过长（超过 {MAX_BYTES // 1024} KB），未予读取。")
    try:
        reply = Reply.model_validate_json(raw)
        model = operation.reply if reply.status == "SUCCESS" else _partial(operation.reply)
        business = _read(model, reply.business)
    except ValidationError as error:
        raise AgencyReplyUnreadable(f"答复无法识别：{_sentence(wrong_places(error))}") from None
    except (ValueError, RecursionError):
        raise AgencyReplyUnreadable("答复无法识别：业务结果不是有效的数据") from None
    if reply.request_id != request_id:
        raise AgencyReplyUnreadable("答复的请求编号与所发请求不一致。")
    if reply.status == "FAILED" and reply.reason_code not in operation.refusals:
        raise AgencyReplyUnreadable(f"答复的原因代码未登记：{reply.reason_code or '（空）'}")
    return reply.model_copy(update={"business": business})


def _read(model: type[BaseModel], block: Mapping[str, Any]) -> dict[str, Any]:
    """Validate a block as JSON, so that dates may be ISO strings while staying strict."""
    read = model.model_validate_json(dumps(block, allow_nan=False))
    return read.model_dump(mode="json", exclude_unset=model.__name__.startswith("Partial"))


@cache
def _partial(model: type[BaseModel]) -> type[BaseModel]:
    """The same model with every field optional: a refusal explains, it need not be complete."""
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        optional = copy(field)
        optional.default, optional.default_factory = None, None
        fields[name] = (field.annotation, optional)
    return create_model(f"Partial{model.__name__}", __base__=Block, **fields)


#: Pydantic's kinds of mistakes, in the words of an office. Others are "格式不正确".
_WORDS = {
    "missing": "未填写",
    "extra_forbidden": "不应出现",
    "json_invalid": "不是有效的 JSON",
    "string_too_long": "文字过长",
    "string_too_short": "不能为空",
    "literal_error": "不在允许的取值之内",
    "timezone_aware": "时间缺少时区",
    "value_error": "含有不可显示的字符",
}


def wrong_places(error: ValidationError) -> dict[str, str]:
    """Name each wrong place; never repeat what was sent, it may be personal or hostile."""
    return {
        _place(mistake["loc"]): _WORDS.get(mistake["type"], "格式不正确")
        for mistake in error.errors(include_input=False, include_url=False, include_context=False)
    }


def _place(location: tuple[int | str, ...]) -> str:
    """A dotted path with anything strange left out: unknown names come from outside."""
    path = ".".join(str(part) for part in location)[:80]
    return path if path.isprintable() else "（无法显示的字段）"


def _sentence(problems: Mapping[str, str]) -> str:
    shown = [f"{place or '全文'}{words}" for place, words in list(problems.items())[:5]]
    more = f"等 {len(problems)} 处" if len(problems) > len(shown) else ""
    return "；".join(shown) + more
