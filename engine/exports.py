"""导出: lists of persons that leave the system, and who may let them (NX-017).

Any download of a list of persons belongs into ``EXPORTABLES``; its view calls
``engine.commands.take_out`` before it hands the file over.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from engine.access import Actor
from engine.errors import NotFound
from engine.media import XLSX
from engine.packs.region import ExportRule
from engine.queries.documents import find_document
from engine.queries.exchanges import find_list
from engine.queries.regions import active_releases
from engine.queries.statistics.listing import listing, read_ref
from engine.runtime import Runtime

STATES = {"waiting": "待审批", "approved": "已同意", "refused": "不同意"}
DEEDS = {"asked": "申请导出", "approved": "同意", "refused": "不同意", "downloaded": "下载"}


@dataclass(frozen=True)
class Wanted:
    """A list somebody wants to take out: whose people, what it is, and what it is called.

    ``offices``: whose people are in it; none: the whole region's.
    """

    region: str
    kind: str
    ref: str
    title: str
    offices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exportable:
    """A kind of list: what it is called, and how one is found for somebody who may see it.

    ``find`` gives region, title and offices, or raises ``NotFound``.
    """

    title: str
    find: Callable[[Runtime, str, Actor], tuple[str, str, Collection[str]]]


def _list(runtime: Runtime, ref: str, actor: Actor) -> tuple[str, str, Collection[str]]:
    exchange, agency = find_list(runtime, UUID(ref), actor)
    return exchange.region, f"{agency}第 {exchange.no} 号名册（{exchange.calls} 件）", ()


def _document(runtime: Runtime, ref: str, actor: Actor) -> tuple[str, str, Collection[str]]:
    document, case = find_document(runtime, UUID(ref), actor)
    return case.region, f"{document.title}（{case.no}）", [case.office] if case.office else ()


def _figures(runtime: Runtime, ref: str, actor: Actor) -> tuple[str, str, Collection[str]]:
    found = listing(runtime, actor, *read_ref(ref))
    title = f"{found.title}名单（{found.scope.period}，{found.total} 件）"
    return found.scope.config.code, title, found.scope.offices or ()


EXPORTABLES: Mapping[str, Exportable] = {
    "exchange": Exportable("交换名册", _list),
    "document": Exportable("名单类文书", _document),
    "figures": Exportable("统计名单", _figures),
}


def find_wanted(runtime: Runtime, kind: str, ref: str, actor: Actor) -> Wanted:
    """The list an address names.

    Raises:
        NotFound: no such list, or not the actor's to see.
    """
    try:
        region, title, offices = EXPORTABLES[kind].find(runtime, ref, actor)
    except (KeyError, ValueError):
        raise NotFound from None
    return Wanted(region, kind, ref, title, tuple(sorted(offices)))


def export_rules(runtime: Runtime) -> dict[str, ExportRule]:
    """The regions in use whose lists need approval."""
    found = {one.config.code: one.config.exports for one in active_releases(runtime)}
    return {region: rule for region, rule in found.items() if rule is not None}


def may_approve(
    rules: Mapping[str, ExportRule], region: str, offices: Collection[str], actor: Actor
) -> bool:
    """Whether the actor may let out a list of these offices; none: of the whole region."""
    rule = rules.get(region)
    return rule is not None and actor.covers(rule.approvers, region, offices)


def is_list(media_type: str) -> bool:
    """Whether a document is a table of persons rather than a paper about one."""
    return media_type == XLSX.type
