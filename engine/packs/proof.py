"""证明: which stories prove a clause, and at which of the places that name it.

``proof.json`` of a region is written by ``yijianshi clauses report --write`` and frozen with the
release, so that an installation can show what was proven without playing anything.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

from engine.packs.clauses import Clause
from engine.packs.pack import Pack
from engine.packs.places import Place, places

State = Literal["proven", "fulfilled", "missing", "out"]

STATES: dict[State, str] = {
    "proven": "已证明",
    "fulfilled": "已实现，待证明",
    "missing": "未实现",
    "out": "不由系统实现",
}


@dataclass(frozen=True)
class Proof:
    """What the stories of a region prove.

    Args:
        clauses: clause id → name of a place → files of the stories that prove the clause there.
        stories: file → title, of every story named.
    """

    clauses: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    stories: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Traced:
    """A clause, the places that fulfil it, and the stories that prove it at each of them."""

    clause: Clause
    places: Sequence[tuple[Place, Sequence[str]]]

    @property
    def fulfilled(self) -> bool:
        """Whether any place names it."""
        return bool(self.places)

    @property
    def proven(self) -> bool:
        """Whether a story proves it somewhere."""
        return any(stories for _, stories in self.places)

    @property
    def state(self) -> State:
        """How far it is. What is out of scope counts once something fulfils it all the same."""
        if self.proven:
            return "proven"
        if self.fulfilled:
            return "fulfilled"
        return "missing" if self.clause.counts else "out"


@dataclass(frozen=True)
class Summary:
    """The figures of a region's clauses. ``missing``: in scope, and not fulfilled and proven."""

    total: int
    in_scope: int
    fulfilled: int
    proven: int
    missing: Sequence[str]


def trace(pack: Pack, proof: Proof) -> list[Traced]:
    """Every clause of a pack with its places and stories, in the order of the documents."""
    named = by_clause(pack)
    return [
        Traced(
            clause,
            [
                (place, proof.clauses.get(clause.id, {}).get(name_of(place), ()))
                for place in named.get(clause.id, ())
            ],
        )
        for clause in pack.clauses.values()
    ]


def by_clause(pack: Pack) -> dict[str, list[Place]]:
    """Clause id → the places that name it."""
    found: dict[str, list[Place]] = {}
    for place in places(pack):
        for clause in dict.fromkeys(place.clauses):
            found.setdefault(clause, []).append(place)
    return found


def name_of(place: Place) -> str:
    """How a proof names a place."""
    return f"{place.kind}/{place.ref}"


def summarise(traced: Sequence[Traced]) -> Summary:
    """Count clauses; those out of scope only in the total."""
    asked = [one for one in traced if one.clause.counts]
    return Summary(
        total=len(traced),
        in_scope=len(asked),
        fulfilled=sum(one.fulfilled for one in asked),
        proven=sum(one.proven for one in asked),
        missing=[one.clause.id for one in asked if not one.proven],
    )


def kept_proof(pack: Pack) -> Proof:
    """The proof frozen with a pack; empty if none was written."""
    raw = pack.files.get(proof_path(pack.region))
    return Proof(**json.loads(raw)) if raw else Proof()


def proof_path(region: str) -> str:
    """Where a region's proof is kept."""
    return f"processes/{region}/proof.json"


def dump_proof(proof: Proof) -> str:
    """A proof as it is kept: stable, so that a difference is a difference."""
    return json.dumps(asdict(proof), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
