"""Clauses: the rows of ``clauses.csv``, and the places that name them."""

import csv
import io
from collections.abc import Iterator

from engine.features import FEATURES
from engine.packs.checks.draft import Draft
from engine.packs.clauses import COLUMNS, KINDS, SCOPES, read_rows
from engine.packs.places import Place, decision_places, drawing_places, form_places, setting_places
from engine.packs.problem import Problem
from engine.packs.region import RegionConfig


def check_clauses(draft: Draft) -> Iterator[Problem]:
    """Every mistake in the clauses of a pack, and every place that names one there is not."""
    file = f"processes/{draft.pack.region}/clauses.csv"
    if file in draft.pack.files:
        yield from _rows(draft, file)
    for place in _places(draft):
        if "/common/" in place.file:
            continue  # shared by regions that each know their own: ``check_shared``
        for clause in place.clauses:
            if clause not in draft.pack.clauses:
                message = f"clauses.csv 中没有这个条款：{clause}"
                yield Problem(place.file, place.element, "clause-unknown", message)
    if draft.config is not None:
        yield from _rules(draft, draft.config)


def check_shared(drafts: list[Draft]) -> Iterator[Problem]:
    """Clauses that files shared by all regions name and no region knows."""
    known = {clause for draft in drafts for clause in draft.pack.clauses}
    for draft in drafts:
        for place in _places(draft):
            for clause in place.clauses if "/common/" in place.file else ():
                if clause not in known:
                    message = f"没有一个地区的 clauses.csv 有这个条款：{clause}"
                    yield Problem(place.file, place.element, "clause-unknown", message)


def _places(draft: Draft) -> Iterator[Place]:
    yield from drawing_places(draft.drawn)
    yield from decision_places(draft.tables.values())
    if draft.config is not None:
        yield from setting_places(draft.config, f"processes/{draft.pack.region}/region.toml")
    for key, schema in draft.schemas.items():
        yield from form_places(draft.pack.find("forms", f"{key}.schema.json") or key, schema)


def _rules(draft: Draft, config: RegionConfig) -> Iterator[Problem]:
    file = f"processes/{draft.pack.region}/region.toml"
    for key in config.notices:
        if draft.pack.find("processes", f"notices/{key}.txt") is None:
            message = f"没有这个通知模板：notices/{key}.txt"
            yield Problem(file, f"notices.{key}", "notice-unknown", message)
    for code in config.features:
        if code not in FEATURES:
            message = f"没有这个功能：{code}。可用：{'、'.join(FEATURES)}"
            yield Problem(file, f"features.{code}", "feature-unknown", message)


def _rows(draft: Draft, file: str) -> Iterator[Problem]:
    try:
        text = draft.pack.files[file].decode("utf-8-sig")
    except UnicodeDecodeError:
        message = "条款表不是 UTF-8 文字。用表格软件保存时请选“CSV UTF-8”。"
        yield Problem(file, "", "clauses-malformed", message)
        return
    if next(csv.reader(io.StringIO(text, newline="")), []) != list(COLUMNS):
        message = f"条款表第一行应依次为：{','.join(COLUMNS)}"
        yield Problem(file, "1", "clauses-malformed", message)
        return
    seen: set[str] = set()
    for line, row in read_rows(draft.pack.files[file]):
        if len(row) != len(COLUMNS):
            message = (
                f"第 {line} 行应有 {len(COLUMNS)} 列，现有 {len(row)} 列；含逗号的内容请加引号。"
            )
            yield Problem(file, str(line), "clauses-malformed", message)
            continue
        cells = dict(zip(COLUMNS, row, strict=True))
        place = cells["id"] or str(line)
        if cells["id"] in seen:
            yield Problem(file, place, "clause-duplicate", f"条款编号重复：{cells['id']}")
        seen.add(cells["id"])
        for code, message in _row(draft, cells):
            yield Problem(file, place, code, message)


def _row(draft: Draft, cells: dict[str, str]) -> Iterator[tuple[str, str]]:
    for column in ("id", "clause_zh", "requirement_en", "actor"):
        if not cells[column]:
            yield "clause-empty", f"这一条没有填写 {column}。"
    if cells["kind"] not in KINDS:
        yield "clause-value", f"kind 应为其中之一：{'、'.join(KINDS)}"
    if cells["in_scope"] not in SCOPES:
        yield "clause-value", f"in_scope 应为其中之一：{'、'.join(SCOPES)}"
    if cells["in_scope"] != "yes" and not cells["scope_reason"]:
        yield "clause-empty", "不由系统实现或只实现一部分的，请在 scope_reason 中写明理由。"
    config = draft.config
    policies = config.policies if config is not None else []
    known = {name for one in policies for name in (one.number, one.title)} - {""}
    if config is not None and cells["policy"] not in known:
        names = "、".join(sorted(policy.name for policy in policies))
        yield "clause-policy", f"region.toml 的 [[policies]] 中没有这份文件；文号或标题有：{names}"
