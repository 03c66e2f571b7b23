"""``migrate --as``: records of the other kind that are at the target already, taken for the source's where one fits.

It is the matching of one kind (mappings/match.py), asked across two: exact, one to one, and where several fit a person
decides. What is only much alike is another record: nobody could be asked which.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mappings.known import Known
from mappings.match import match
from mappings.migration import Move
from mappings.model import NAME_FIELD, Entity, Method, Question, Ref, Shadow
from mappings.naming import Node, paths
from pipelines.run import Run
from state import golden
from state.links import linked

ALIKE = Entity.TASK  # matched as tasks are: by equal names alone, for no proposal across kinds could be answered


@dataclass(frozen=True, slots=True)
class Becoming:
    """What is there already. ``new``: canonical id at the source → source id at the target, found now and not kept yet.

    ``there``: canonical id → canonical id of what stands at the target for it, those kept before included. ``asked``:
    canonical id → why a person must decide.
    """

    there: Mapping[str, str] = field(default_factory=dict)
    new: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)


def becoming(run: Run, move: Move, shadows: Sequence[Shadow], links: Mapping[str, str]) -> Becoming:
    """What of a move stands at its target already. ``links``: source id → canonical id, of ``shadows``."""
    if move.entity == move.into:
        return Becoming()
    card = run.config.connections[move.target].card.entities[move.into]
    canonical = {source_id: key for key, source_id in linked(run.working, move.into).get(move.target, {}).items()}
    back = {key: source_id for source_id, key in canonical.items()}
    kept = run.safety.became(move.target, move.into, move.entity)
    settled = {one: back[move.key(one)] for one in links.values() if move.key(one) in back}
    settled |= {one: source_id for one, source_id in kept.items() if source_id in canonical}
    ours = _Side(move.source, [one for one in shadows if one.active])
    here = golden.shadows(run.working, move.into, move.target, card.carries)
    theirs = _Side(move.target, [one for one in here if one.active and one.ref.source_id in canonical])
    met = {key: settled[one] for key, one in links.items() if one in settled}
    found, ties = _met(run, move, (ours, theirs), met, tree=card.tree)
    new = {links[key]: there for key, there in found.items() if key in links}
    there = {one: canonical[source_id] for one, source_id in {**kept, **new}.items() if source_id in canonical}
    asked = {links[key]: _why(move, some, why, theirs) for key, (some, why) in ties.items() if key in links}
    return Becoming(there, new, asked)


@dataclass(frozen=True, slots=True)
class _Side:
    """One account and its living records."""

    name: str
    records: Sequence[Shadow]


Tie = tuple[Sequence[str], str]
"""The records at the target that one of the source could be, and why none is taken."""


def _met(
    run: Run, move: Move, sides: tuple[_Side, _Side], met: Mapping[str, str], *, tree: bool
) -> tuple[dict[str, str], dict[str, Tie]]:
    """Source id → source id at the target, of what is certain, and the ties; ``met``: what was certain before.

    What has no tree looks for its like among the others: there no record waits for the one above it. ``tree``: the
    target is one.
    """
    ours, theirs = sides
    flat, other = (ours, theirs) if tree else (theirs, ours)
    pairs = dict(met) if tree else {there: key for key, there in met.items()}
    found = match(
        _known(other, flat.name, frozenset(pairs.values())),
        {flat.name: [_by_name(one) for one in flat.records if one.ref.source_id not in pairs]},
        {Ref(flat.name, ALIKE, one): key for one, key in pairs.items()},
        frozenset(),
        aliases=run.config.aliases[move.into],
    )
    exact = {one.ref.source_id: one.canonical_id for one in found.links if one.method == Method.EXACT}
    ties: dict[str, Tie] = {}
    for one in (one for one in found.disputes if one.question == Question.TIE):
        for key in [one.ref.source_id] if tree else one.candidates:
            before = ties.get(key, ((), ""))[0]
            ties[key] = ((*before, *(one.candidates if tree else [one.ref.source_id])), one.reason)
    return exact if tree else {key: there for there, key in exact.items()}, ties


def _by_name(one: Shadow) -> Shadow:
    return Shadow(Ref(one.ref.connection, ALIKE, one.ref.source_id), {NAME_FIELD[ALIKE]: one.name})


def _known(side: _Side, flat: str, taken: Collection[str]) -> Iterator[Known]:
    """The records of a side as matching knows them, each by its source id there; ``taken``: linked at ``flat`` too."""
    nodes = {one.ref.source_id: Node(one.name, _above(one)) for one in side.records}
    for source_id, path in paths(nodes).items():
        both = frozenset({side.name, flat} if source_id in taken else {side.name})
        yield Known(source_id, path, nodes[source_id].parent_id, placed=True, linked_in=both)


def _above(shadow: Shadow) -> str | None:
    parent = shadow.values.get("parent_id")
    return str(parent) if parent else None


def _why(move: Move, some: Iterable[str], why: str, theirs: _Side) -> str:
    called = {one.ref.source_id: one.name for one in theirs.records}
    told = ", ".join(f"{called.get(key, '?')!r} (id {key})" for key in list(some)[:3])
    return (
        f"{move.target} has {told}, and {why}. What to do: give each its own name, at {move.source} or at "
        f"{move.target}; a path such as 'Europe / Support' tells namesakes apart"
    )
