"""What ``region.toml`` refers to: agencies, forms, processes, fields, and its expressions."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.expressions import check_expression
from engine.forms import declared, effective
from engine.functions import FIELD
from engine.packs.checks.data import Data
from engine.packs.checks.draft import Draft
from engine.packs.problem import Problem
from engine.packs.region import EMPLOYED, OUTSIDE, RegionConfig, RosterRule


def check_settings(draft: Draft) -> Iterator[Problem]:
    """Every mistake in ``region.toml`` that is more than a wrong word."""
    if draft.config is None:
        return
    data = Data(draft)
    file = f"processes/{draft.pack.region}/region.toml"
    for place, code, message in (
        *_settings(draft, draft.config, data),
        *_deadlines(draft.config, data),
        *_starts(draft, draft.config),
        *_rosters(draft, draft.config),
        *_retention(draft, draft.config),
        *_offices(draft.config),
        *_outside(draft, draft.config),
        *_expressions(draft.config, data),
    ):
        yield Problem(file, place, code, message)


_Found = Iterator[tuple[str, str, str]]  # place, code, message
#: Roles whose part a clerk may enter at the window.
APPLICANTS = {"applicant", "unit", "person", "custodian"}


def _settings(draft: Draft, config: RegionConfig, data: Data) -> _Found:
    if config.code != draft.pack.region:
        message = f"code 应与文件夹名一致：{draft.pack.region}"
        yield "code", "region-code", message
    yield from _agencies(config)
    for name, lane in config.lanes.items():
        if lane.window and lane.role not in APPLICANTS:
            message = "window（窗口代录）只能写在由申请人、单位或本人办理的泳道上。"
            yield f"lanes.{name}.window", "lane-window", message
    for name, process in config.processes.items():
        if name not in draft.processes:
            yield f"processes.{name}", "process-missing", f"没有画这个流程：{name}"
        if process.start_form and process.start_form not in draft.schemas:
            message = f"没有这个表单文件：{process.start_form}.schema.json"
            yield f"processes.{name}.start_form", "form-unknown", message
    for name, section in config.sections.items():
        if section.schema_file.removesuffix(".schema.json") not in draft.schemas:
            message = f"没有这个文件：forms 下的 {section.schema_file}"
            yield f"sections.{name}.schema_file", "form-unknown", message


def _rosters(draft: Draft, config: RegionConfig) -> _Found:
    """A roster's columns fit into cells, and what they say has a place to go."""
    for code, rule in config.rosters.items():
        place = f"rosters.{code}"
        if rule.applies:
            yield from _applying(draft, config, place, rule)
            continue
        schema = draft.schemas.get(rule.form)
        section = config.sections.get(rule.section)
        if schema is None:
            yield f"{place}.form", "form-unknown", f"没有这个表单文件：{rule.form}.schema.json"
        elif unfit := _unfit(declared(schema)):
            message = f"名册的表单不能有附件或重复的内容：{'、'.join(unfit)}"
            yield f"{place}.form", "roster-form", message
        if section is None or section.scope != "file":
            message = f'[sections] 中没有属于人员档案（scope = "file"）的分区：{rule.section}'
            yield f"{place}.section", "roster-section", message
        if rule.starts and rule.starts not in draft.processes:
            message = f"没有画这个流程：{rule.starts}"
            yield f"{place}.starts", "process-missing", message
        if strange := [role for role in rule.roles if role in OUTSIDE - {"unit"}]:
            message = f"只有工作人员和用人单位（unit）可以导入名册：{'、'.join(strange)}"
            yield f"{place}.roles", "roster-role", message


def _unfit(fields: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What no cell can hold."""
    return [
        str(field.get("title", key))
        for key, field in fields.items()
        if field.get("format") == "file" or field.get("items", {}).get("type") == "object"
    ]


def _applying(draft: Draft, config: RegionConfig, place: str, rule: RosterRule) -> _Found:
    """What an employer applies for with a table, it may apply for at all."""
    process = config.processes.get(rule.applies)
    schema = draft.schemas.get(process.start_form) if process else None
    if schema and (unfit := _unfit(effective(schema, EMPLOYED).properties)):
        message = f"名册的表单不能有附件或重复的内容：{'、'.join(unfit)}"
        yield f"{place}.applies", "roster-form", message
    if process is None or "unit" not in process.entries or rule.roles != ["unit"]:
        message = f"applies 须是单位（unit）可以发起的流程，roles 只写 unit：{rule.applies}"
        yield f"{place}.applies", "roster-applies", message
    if rule.form or rule.section or rule.starts or rule.opens_file:
        message = (
            "写了 applies 的名册按流程的首个表单填写，不再写 form、section、starts、opens_file。"
        )
        yield f"{place}.applies", "roster-applies", message


def _retention(draft: Draft, config: RegionConfig) -> _Found:
    """Processes with a time of their own exist, and nothing is kept for no time at all."""
    for name, years in (config.retention.processes if config.retention else {}).items():
        place = f"retention.processes.{name}"
        if name not in draft.processes:
            yield place, "process-missing", f"没有画这个流程：{name}"
        if not 1 <= years <= 100:
            yield place, "retention-years", f"保存年限应在 1 至 100 年之间：{years}"


def _deadlines(config: RegionConfig, data: Data) -> _Found:
    for code, rule in config.deadlines.items():
        for start in rule.start:
            if start == "now" or data.is_field(start):
                continue
            if FIELD.fullmatch(start):
                message = f"起算日期“{start}”不是已声明的“分区.字段”。"
                yield f"deadlines.{code}.start", "field-unknown", message
            else:
                yield from expression_mistakes(f"deadlines.{code}.start", start, data)


def _agencies(config: RegionConfig) -> _Found:
    """Every agency that is named exists, and somebody answers for one without an interface."""
    for place, agency in (
        *((f"lanes.{name}.agency", lane.agency) for name, lane in config.lanes.items()),
        *((f"items.{code}.agency", item.agency) for code, item in config.items.items()),
    ):
        if agency is not None and agency not in config.agencies:
            yield place, "agency-unknown", f"[agencies] 中没有这个部门：{agency}"
    for code, own in config.agencies.items():
        if own.mode != "api" and config.desk_of(code) is None:
            message = (
                f"“{own.title}”不是系统对接，须有岗位登记答复：请写 role，"
                "或让一个工作人员的泳道以 agency 指明它。"
            )
            yield f"agencies.{code}.role", "agency-role", message


def _starts(draft: Draft, config: RegionConfig) -> _Found:
    """Processes that begin by themselves, and the kinds of offices they begin in."""
    for code, timer in config.file_timers.items():
        if timer.starts not in draft.processes:
            message = f"没有画这个流程：{timer.starts}"
            yield f"file_timers.{code}.starts", "process-missing", message
    for code, selection in config.selections.items():
        if selection.of == "cases" and not (selection.process and selection.waits_for):
            message = "按办件筛选时，请写明 process（哪个流程）和 waits_for（在等哪条消息）。"
            yield f"selections.{code}", "selection-incomplete", message
        elif selection.process and selection.process not in draft.processes:
            message = f"没有画这个流程：{selection.process}"
            yield f"selections.{code}.process", "process-missing", message
    kinds = {kind for office in config.offices.values() for kind in office.kinds}
    for name, process in config.processes.items():
        if process.per_office and process.per_office not in kinds:
            message = f"[offices] 中没有这一类机构：{process.per_office}"
            yield f"processes.{name}.per_office", "office-kind", message
        if process.entries and not process.start_form:
            message = "可以由人发起的流程应写明发起时填写的表单（start_form）。"
            yield f"processes.{name}.start_form", "form-missing", message


def _offices(config: RegionConfig) -> _Found:
    for code, office in config.offices.items():
        seen = {code}
        parent = office.parent
        while parent is not None:
            if parent not in config.offices:
                message = f"[offices] 中没有上级机构：{parent}"
                yield f"offices.{code}.parent", "office-unknown", message
                break
            if parent in seen:
                yield f"offices.{code}.parent", "office-circle", "上级机构绕成了环。"
                break
            seen.add(parent)
            parent = config.offices[parent].parent


def _outside(draft: Draft, config: RegionConfig) -> _Found:
    """What leads in from outside: the identity platform, the portal, forms for everybody."""
    issuer = config.identity.issuer if config.identity else ""
    if issuer and not issuer.startswith("https://"):
        yield "identity.issuer", "identity-issuer", "统一身份认证平台的地址须以 https:// 开头。"
    for name, process in config.processes.items():
        if process.portal_only and not (config.identity and config.channels):
            message = "只能从门户发起（portal_only）的流程，须写明 [identity] 和 [channels]。"
            yield f"processes.{name}.portal_only", "portal-missing", message
        if "public" not in process.entries:
            continue
        if process.opens_file:
            message = "不登录也可以申请（public）的流程不能登记人员（opens_file）。"
            yield f"processes.{name}.opens_file", "public-file", message
        schema = draft.schemas.get(process.start_form)
        if schema is not None and not {"name", "uscc"} <= declared(schema).keys():
            message = "不登录也可以申请的，表单须有 name（名称）和 uscc（统一社会信用代码）。"
            yield f"processes.{name}.start_form", "public-form", message


def _expressions(config: RegionConfig, data: Data) -> _Found:
    for place, source in (
        *((f"lanes.{name}.office", lane.office) for name, lane in config.lanes.items()),
        *((f"items.{code}.when", item.when) for code, item in config.items.items()),
        *((f"materials.{code}.when", m.when) for code, m in config.materials.items()),
        *((f"file_timers.{code}.at", timer.at) for code, timer in config.file_timers.items()),
        *((f"file_timers.{code}.when", timer.when) for code, timer in config.file_timers.items()),
        *((f"selections.{code}.when", s.when) for code, s in config.selections.items()),
        *((f"processes.{n}.offered_when", p.offered_when) for n, p in config.processes.items()),
        *(
            (f"documents.{key}.values.{name}", said)
            for key, rule in config.documents.items()
            for name, said in rule.values.items()
        ),
    ):
        if source:
            yield from expression_mistakes(place, source, data)


def expression_mistakes(place: str, source: str, data: Data) -> _Found:
    """What is wrong with an expression of a setting."""
    for message in check_expression(
        source, sections=data.common, locals=set(), functions=data.functions
    ):
        yield place, "expression", f"{message}（{source}）"
