"""条款: the sentences of a region's documents, where each is fulfilled, and what proves it."""

from collections import Counter
from collections.abc import Mapping

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import NotFound
from engine.packs.clauses import KINDS, SCOPES
from engine.packs.diagram import Process
from engine.packs.places import Place
from engine.packs.proof import STATES, Traced, kept_proof, summarise
from engine.queries.clauses import clauses, regions_with_clauses
from webapp import words
from webapp.context import actor, runtime
from webapp.security import allow_inline_style


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule("/clauses", "all_clauses", first)
    pages.add_url_rule("/clauses/<region>", "clauses", show)
    pages.add_url_rule("/clauses/<region>/<process>", "clause_diagram", diagram)
    pages.add_url_rule("/clauses/<region>/<process>/drawing", "clause_drawing", drawing)


def first() -> ResponseReturnValue:
    """Show the first region's; there may be none yet."""
    found = regions_with_clauses(runtime(), actor())
    if found:
        return redirect(url_for("administrator.clauses", region=found[0].config.code))
    return render_template("administrator/no_clauses.html")


def show(region: str) -> ResponseReturnValue:
    """List a region's clauses, all or those of one state, kind, or holding some words."""
    release, traced = clauses(runtime(), actor(), region)
    state, kind = request.args.get("state", ""), request.args.get("kind", "")
    text = request.args.get("q", "").strip()[:60]
    return render_template(
        "administrator/clauses.html",
        release=release,
        regions=[one.config for one in regions_with_clauses(runtime(), actor())],
        summary=summarise(traced),
        counts=Counter(one.state for one in traced),
        shown=[
            one
            for one in traced
            if state in ("", one.state) and kind in ("", one.clause.kind) and _holds(one, text)
        ],
        policies={policy.name: policy for policy in release.config.policies},
        place_kind=lambda place: _kind(place, release.pack.processes),
        stories=kept_proof(release.pack).stories,
        states=STATES,
        kinds=KINDS,
        scopes=SCOPES,
        state=state,
        kind=kind,
        text=text,
    )


def diagram(region: str, process: str) -> ResponseReturnValue:
    """Show where in a diagram clauses are fulfilled."""
    release, _ = clauses(runtime(), actor(), region)
    drawn = release.pack.processes.get(process)
    if drawn is None:
        raise NotFound
    node = drawn.nodes.get(request.args.get("element", ""))
    named = (node or drawn).properties.get("clauses", "").split()
    known = release.pack.clauses
    allow_inline_style()
    return render_template(
        "administrator/clause_diagram.html",
        release=release,
        process=drawn,
        node=node,
        named=[known[one] for one in named if one in known],
    )


def drawing(region: str, process: str) -> ResponseReturnValue:
    """The drawing itself, as the active release holds it."""
    release, _ = clauses(runtime(), actor(), region)
    return Response(release.pack.bpmn(process), mimetype="application/xml")


def _holds(traced: Traced, text: str) -> bool:
    clause = traced.clause
    return not text or any(text in one for one in (clause.id, clause.text, clause.actor))


def _kind(place: Place, processes: Mapping[str, Process]) -> str:
    """What sort of place it is, in a designer's words."""
    process, _, element = place.ref.partition("/")
    if place.kind == "elements":
        node = processes[process].nodes.get(element)
        return words.ELEMENTS.get(node.kind, "环节") if node else "流程"
    return words.PLACES.get(place.kind, f"设置 {place.kind}")
