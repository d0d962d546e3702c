"""What a region says to people and about its own work: stages, priority, contents, guide."""

from collections.abc import Iterator

from engine.expressions import check_expression
from engine.packs.checks.data import Data
from engine.packs.checks.draft import Draft
from engine.packs.checks.settings import expression_mistakes
from engine.packs.problem import Problem
from engine.packs.region import OUTSIDE, RegionConfig
from engine.packs.stages import VISIBLE, stages_of

_Found = Iterator[tuple[str, str, str]]  # place, code, message


def check_public(draft: Draft) -> Iterator[Problem]:
    """Every mistake in ``[stages]``, ``[priority]``, ``[exports]``, ``[contents]``, ``[guide]``."""
    if draft.config is None:
        return
    file = f"processes/{draft.pack.region}/region.toml"
    for place, code, message in (
        *_stage_words(draft, draft.config),
        *_priority(draft, draft.config),
        *_roles(draft.config),
        *_processes(draft, draft.config),
        *_times(draft, draft.config),
    ):
        yield Problem(file, place, code, message)
    yield from _unstaged(draft, draft.config)


def _stage_words(draft: Draft, config: RegionConfig) -> _Found:
    """What stages name exists."""
    drawn = {process.id for process in draft.drawn}
    drawn |= {f"{process.id}/{node.id}" for process, node in draft.nodes()}
    for code, stage in config.stages.items():
        for one in stage.elements:
            if one not in drawn:
                message = f"流程图中没有“{one}”，应写作 流程/环节 或 流程。"
                yield f"stages.{code}.elements", "stage-element", message
        for lane in stage.lanes:
            if lane not in config.lanes:
                yield f"stages.{code}.lanes", "stage-lane", f"[lanes] 中没有这条泳道：{lane}"
    orders = [stage.order for stage in config.stages.values()]
    for code, stage in config.stages.items():
        if orders.count(stage.order) > 1:
            yield f"stages.{code}.order", "stage-order", f"有两个阶段的顺序都是 {stage.order}。"
    for name, process in config.processes.items():
        if process.stages and not config.stages:
            yield f"processes.{name}.stages", "stage-missing", "没有写 [stages]，流程分不出阶段。"


def _unstaged(draft: Draft, config: RegionConfig) -> Iterator[Problem]:
    """Whatever people see of a case that has stages stands in exactly one."""
    if not config.stages:
        return
    staged = [name for name, process in config.processes.items() if process.stages]
    reached = {one for name in staged for one in draft.reached_from(name)}
    for process, node in draft.nodes():
        if process.id not in reached or node.kind not in VISIBLE:
            continue
        claims = stages_of(config.stages, node)
        if not claims:
            message = f"“{node.name or node.id}”不属于任何阶段，请在 [stages] 中写明。"
            yield Problem(process.file, node.id, "stage-none", message)
        elif len(claims) > 1:
            titles = "、".join(config.stages[code].title for code in claims)
            message = f"“{node.name or node.id}”属于几个阶段：{titles}；只能属于一个。"
            yield Problem(process.file, node.id, "stage-double", message)


def _priority(draft: Draft, config: RegionConfig) -> _Found:
    if config.priority is not None:
        yield from expression_mistakes("priority.when", config.priority.when, Data(draft))


def _times(draft: Draft, config: RegionConfig) -> _Found:
    """When things open, told of two days and nobody's data."""
    for number, one in enumerate(config.guide.times if config.guide else ()):
        names = {"original", "statutory"}
        for message in check_expression(
            one.at, sections={}, locals=names, functions=Data(draft).functions
        ):
            yield f"guide.times.{number}.at", "expression", f"{message}（{one.at}）"


def _roles(config: RegionConfig) -> _Found:
    """Those who approve exports and keep contents are staff."""
    approvers = config.exports.approvers if config.exports else []
    named = [("exports.approvers", role) for role in approvers]
    named += [(f"contents.{code}.role", rule.role) for code, rule in config.contents.items()]
    for place, role in named:
        if role in OUTSIDE:
            yield place, "staff-role", f"须是工作人员的岗位：{role}"


def _processes(draft: Draft, config: RegionConfig) -> _Found:
    """The processes that contents and the guide name are those people can start."""
    named = [
        (f"contents.{code}.processes", name)
        for code, rule in config.contents.items()
        for name in rule.processes
    ]
    if config.guide is not None:
        named.append(("guide.process", config.guide.process))
    for place, name in named:
        if name not in config.processes:
            yield place, "process-unlisted", f"[processes] 中没有这个流程：{name}"
