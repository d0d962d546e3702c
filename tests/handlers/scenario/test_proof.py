"""What proves a clause: using a place that names it, or looking at what a step says it proves."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine

import handlers  # noqa: F401  registers the operations
from engine.errors import Invalid
from engine.packs.pack import Pack
from engine.packs.proof import Proof, summarise, trace
from engine.settings import Settings
from handlers.scenario import Played, Theatre, play, read_story
from handlers.scenario.evidence import Told, prove
from tests.conftest import Database
from tests.stage import CALENDAR, JILIN, ROOT
from webapp.visitor import PageVisitor

STORY = ROOT / "processes/jilin/scenarios/seal_only.yaml"
#: Named by nothing but a feature here, whatever the region says meanwhile.
CLAUSE = "JL-029"


def pack_naming(clause: str = CLAUSE) -> Pack:
    """Jilin, and a feature that claims a clause."""
    path = "processes/jilin/region.toml"
    more = f'\n[features.clause_report]\nclauses = ["{clause}"]\n'
    return Pack("jilin", {**JILIN.files, path: JILIN.files[path] + more.encode()})


@pytest.fixture
def theatre(shared_database: Database, settings: Settings) -> Iterator[Theatre]:
    engine: Engine = shared_database.engine
    with Theatre(engine, pack_naming(), CALENDAR, PageVisitor(settings)) as theatre:
        yield theatre


def played(theatre: Theatre, tmp_path: Any, *steps: dict[str, Any]) -> Played:
    """The story with more steps at its end, played."""
    raw = yaml.safe_load(STORY.read_text("utf-8"))
    raw["steps"] += steps
    path = tmp_path / "story.yaml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    return play(theatre, read_story(path))


def proof_of(one: Played) -> Mapping[str, Mapping[str, Sequence[str]]]:
    told = Told(one.title, one.evidence, one.clauses)
    return prove(pack_naming(), {"story.yaml": told} if one.passed else {}).clauses


PAGE = "/my/cases/{no}"


def test_using_a_place_proves_the_clauses_it_names(theatre: Theatre, tmp_path: Any) -> None:
    proof = proof_of(played(theatre, tmp_path))

    assert proof["JLG-029"]["elements/item_fund/seal_account"] == ["story.yaml"]
    assert proof["JL-009"]["items/fund"] == ["story.yaml"]
    assert proof["JLG-050"]["deadlines/fund_seal"] == ["story.yaml"]
    assert proof["JLG-025"]["forms/choose_items/fund_centre"] == ["story.yaml"]


def test_what_no_story_used_is_not_proven(theatre: Theatre, tmp_path: Any) -> None:
    proof = proof_of(played(theatre, tmp_path))

    assert proof["JLG-036"]["elements/item_fund/realname_expired"] == []  # nobody had to
    assert proof["JL-007"]["items/pension"] == []  # not chosen
    assert proof["JLG-021"]["forms/choose_items/pension"] == []  # not among the answers
    assert proof[CLAUSE]["features/clause_report"] == []  # nothing looked at it


def test_a_step_that_looks_proves_what_no_flow_uses(theatre: Theatre, tmp_path: Any) -> None:
    look = {"as": "person", "path": PAGE, "shows": ["已封存"], "hides": ["6222020000000000018"]}
    one = played(theatre, tmp_path, {"visit": look, "clauses": [CLAUSE]})

    assert one.failures == []
    assert proof_of(one)[CLAUSE]["features/clause_report"] == ["story.yaml"]


@pytest.mark.parametrize(
    ("look", "says"),
    [
        ({"as": "person", "path": PAGE, "shows": ["月球"]}, "应有“月球”"),
        ({"as": "person", "path": PAGE, "hides": ["已封存"]}, "不应有“已封存”"),
        ({"as": "foreign", "path": "/cases/{no}"}, "实为 404"),
        ({"as": "anonymous", "path": PAGE}, "实为 302"),
        ({"as": "other_unit", "path": PAGE}, "实为 404"),
        ({"as": "gardener", "path": PAGE}, "没有这个人"),
        ({"as": "person", "path": "/my/cases/{number}"}, "花括号中可写"),
    ],
)
def test_a_look_that_finds_something_else_fails_the_story_which_then_proves_nothing(
    theatre: Theatre, tmp_path: Any, look: dict[str, Any], says: str
) -> None:
    one = played(theatre, tmp_path, {"visit": look})

    assert says in one.failures[0]
    assert "JLG-029" not in {c for c, found in proof_of(one).items() if any(found.values())}


def test_somebody_with_one_role_sees_what_that_role_may(theatre: Theatre, tmp_path: Any) -> None:
    seen = [
        {"visit": {"as": "fund_clerk", "path": "/cases/{no}", "shows": ["李桂芬"]}},
        {"visit": {"as": "fund_clerk", "path": "/admin/agencies", "status": 403}},
        {"visit": {"as": "admin", "path": "/admin/agencies", "shows": ["公积金"]}},
    ]
    assert played(theatre, tmp_path, *seen).failures == []


def test_the_page_of_an_open_task_is_found_by_its_element(theatre: Theatre, tmp_path: Any) -> None:
    raw = yaml.safe_load(STORY.read_text("utf-8"))
    raw["steps"] = [
        {"visit": {"as": "person", "path": "/tasks/{choose_items}", "shows": ["养老保险"]}}
    ]
    raw["end"] = {}
    path = tmp_path / "story.yaml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")

    assert play(theatre, read_story(path)).failures == []


@pytest.mark.parametrize("looks", [{}, {"expect": {}}, {"visit": {"as": "unit", "path": "/my/"}}])
def test_a_step_that_looks_at_nothing_proves_nothing(
    theatre: Theatre, tmp_path: Any, looks: dict[str, Any]
) -> None:
    with pytest.raises(Invalid, match="必须看点什么"):
        played(theatre, tmp_path, {**looks, "clauses": [CLAUSE]})


def test_a_clause_nobody_knows_fails_the_story(theatre: Theatre, tmp_path: Any) -> None:
    step = {"expect": {"incidents": 0}, "clauses": ["JL-999"]}

    assert "JL-999" in played(theatre, tmp_path, step).failures[0]


def test_out_of_scope_does_not_count_as_missing() -> None:
    summary = summarise(trace(JILIN, Proof()))

    assert (summary.total, summary.in_scope, summary.proven) == (125, 122, 0)
    assert CLAUSE not in summary.missing
    assert len(summary.missing) == 122
