"""Joins inside loops, in any order, with and without a reload at every step."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.spiff.process import Definition
from tests.engine.bpmn import Process, error
from tests.engine.spiff.running import Running, define, tokens

BRANCHES = "abc"


def send_back(kind: str) -> Definition:
    """Fork to three, one of which may be done over; join; review; perhaps all over again."""
    diagram = Process("p").start().gateway("exclusive", "again")
    diagram.gateway(kind, "fork", default="fork_to_join" if kind == "inclusive" else None)
    diagram.gateway(kind, "join").user("review").end()
    diagram.gateway("exclusive", "verdict", default="verdict_to_again")
    diagram.path("begin", "again", "fork")
    for branch in BRANCHES:
        condition = f'"{branch}" in plan.items' if kind == "inclusive" else None
        diagram.user(branch).gateway("exclusive", f"{branch}_ok", default=f"{branch}_ok_to_join")
        diagram.gateway("exclusive", f"{branch}_in")
        diagram.flow("fork", f"{branch}_in", condition).path(f"{branch}_in", branch)
        diagram.path(branch, f"{branch}_ok", "join")
        diagram.flow(f"{branch}_ok", f"{branch}_in", f"plan.redo_{branch}")
    if kind == "inclusive":
        diagram.flow("fork", "join")
    diagram.path("join", "review", "verdict", "again").flow("verdict", "done", "plan.good")
    return define(diagram)


DEFINITIONS = {kind: send_back(kind) for kind in ("parallel", "inclusive")}

passes = st.lists(
    st.tuples(
        st.permutations(BRANCHES),
        st.sets(st.sampled_from(BRANCHES)),
        st.lists(st.sampled_from(BRANCHES), max_size=2),
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize("kind", DEFINITIONS)
@settings(max_examples=60, deadline=None)
@given(rounds=passes, reload=st.booleans())
def test_a_join_goes_on_exactly_when_its_own_round_is_complete(
    kind: str, rounds: list[Any], reload: bool
) -> None:
    plan: dict[str, Any] = {"good": False}
    first_items = rounds[0][1]
    plan["items"] = sorted(first_items)
    case = Running(DEFINITIONS[kind], {"plan": plan}, reload=reload)
    for number, (order, items, over_again) in enumerate(rounds):
        due = [b for b in order if kind == "parallel" or b in items]
        for branch in due:
            for _ in range(over_again.count(branch)):
                plan[f"redo_{branch}"] = True
                case.complete(branch)
                assert branch in case.waiting
            plan[f"redo_{branch}"] = False
            assert "review" not in case.waiting
            case.complete(branch)
        assert case.waiting == ["review"]
        last = number + 1 == len(rounds)
        plan["good"] = last
        plan["items"] = [] if last else sorted(rounds[number + 1][1])
        case.complete("review")
    assert case.finished
    assert case.outcome == "done"


def nested() -> Definition:
    """An outer loop around a fork, one branch of which has a fork of its own; a refusable call."""
    diagram = Process("p").start().gateway("exclusive", "again").gateway("parallel", "outer")
    diagram.gateway("inclusive", "inner", default="inner_to_x").user("x", "y", "z", "review")
    diagram.gateway("inclusive", "inner_join").gateway("parallel", "outer_join").end()
    diagram.service("ask").boundary("no", "ask", error("NO")).user("mend")
    diagram.gateway("exclusive", "asked")
    diagram.gateway("exclusive", "verdict", default="verdict_to_again")
    diagram.path("begin", "again", "outer", "inner", "x", "inner_join", "outer_join", "review")
    diagram.flow("inner", "y", "plan.y").path("y", "inner_join")
    diagram.flow("inner", "z", "plan.z").path("z", "inner_join")
    diagram.path("outer", "ask", "asked", "outer_join").path("no", "mend", "asked")
    diagram.path("review", "verdict", "again").flow("verdict", "done", "plan.good")
    return define(diagram, errors="NO")


NESTED = nested()


@settings(max_examples=60, deadline=None)
@given(choices=st.lists(st.integers(0, 5), min_size=8, max_size=30), data=st.data())
def test_nested_forks_in_a_loop_never_get_stuck_or_run_ahead(
    choices: list[int], data: st.DataObject
) -> None:
    """Random play: the review comes when, and only when, nothing of the round is left."""
    plan = {"y": data.draw(st.booleans()), "z": data.draw(st.booleans()), "good": False}
    kept = Running(NESTED, {"plan": plan}, reload=False)
    again = Running(NESTED, {"plan": plan}, reload=True)
    for choice in choices:
        waiting = again.waiting
        assert waiting, "stuck"
        assert "review" not in waiting or waiting == ["review"], "ran ahead"
        element = waiting[choice % len(waiting)]
        if element == "review":
            plan.update(y=choice % 2 == 0, z=choice % 3 == 0)
        for case in (kept, again):
            if element == "ask" and choice > 3:
                case.refuse("ask", "NO")
            else:
                case.act(element)
        assert tokens(kept) == tokens(again)
        assert [v.element for v in kept.step.visits] == [v.element for v in again.step.visits]
        assert kept.instance.passed() == again.instance.passed()


def test_a_join_does_not_wait_for_a_token_that_must_go_round_again() -> None:
    """One branch waits at an inner join while the other could only come by way of the loop."""
    plan = {"y": True, "z": False, "good": False}
    case = Running(NESTED, {"plan": plan})
    case.finish("ask")
    case.complete("y")
    assert case.waiting == ["review"]


def test_an_inclusive_join_waits_for_a_running_call() -> None:
    diagram = Process("p").start().gateway("parallel", "fork").gateway("inclusive", "join").end()
    diagram.service("ask").user("fill").gateway("exclusive", "which", default="which_to_join")
    diagram.end("aside").path("begin", "fork", "ask", "which", "join", "done")
    diagram.flow("which", "aside", "x.aside").path("fork", "fill", "join")
    case = Running(define(diagram))
    case.complete("fill")
    assert case.waiting == ["ask"]
    case.finish("ask")
    assert case.finished
    aside = Running(define(diagram), {"x": {"aside": True}})
    aside.complete("fill")
    aside.finish("ask")
    assert aside.finished  # the token that turned aside lets the other go on


def test_a_branch_that_left_a_value_alone_does_not_undo_anothers_change() -> None:
    diagram = Process("p").start().script("zero", "x = 0").gateway("parallel", "fork")
    diagram.user("a", "b").script("one", "x = 1").script("other", "y = 2")
    diagram.gateway("parallel", "join").gateway("exclusive", "which", default="which_to_lost")
    diagram.end("kept").end("lost").path(
        "begin", "zero", "fork", "a", "one", "join", "which", "lost"
    )
    diagram.path("fork", "b", "other", "join").flow("which", "kept", "x == 1 and y == 2")
    definition = define(diagram)
    for order in ("ab", "ba"):
        case = Running(definition)
        for element in order:
            case.complete(element)
        assert case.outcome == "kept"
