"""Parity: after a migration both sides side by side, and what of it is not as it was promised."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mappings.migration import Load
from mappings.model import Op
from mappings.plan import Change, Status
from mappings.target import Target

Row3 = tuple[str, str, str | None]


class State(StrEnum):
    """How a record stands at both sides."""

    SAME = "same"
    MISSING = "missing"  # promised, and not there
    DIFFERS = "differs"  # there, and not as it was promised
    WAITING = "waiting"  # a person must decide first
    NOT_PROMISED = "not_promised"  # the loss report names it: it is refused, or switched off at the source
    ORPHAN = "orphan"  # made by a migration, and gone at the source
    TWIN = "twin"  # of the same name and place as a record that was moved, and not that one


FINE = (State.SAME, State.NOT_PROMISED)
OURS = frozenset({"over_limit", "apply_disabled"})
"""Refusals that a setting of ours makes, and no vendor: what they stop was promised."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A record at the source beside the one at the target; ids are None where it has none, ``why`` tells the rest."""

    path: tuple[str, ...]
    source_id: str | None
    target_id: str | None
    called: str
    state: State
    why: str = ""


def side_by_side(part: Load, target: Target, changes: Sequence[Change]) -> Iterator[Pair]:
    """Every record that is to be moved; ``changes``: what a fresh plan would still do."""
    open_: dict[str, list[Change]] = {}
    for change in changes:
        open_.setdefault(change.canonical_id, []).append(change)
    for key, path in sorted(part.names.paths.items(), key=lambda one: (one[1], one[0])):
        if key not in part.sources:
            continue
        target_id = target.here.get(key)
        shadow = target.shadows.get(target_id) if target_id else None
        there = shadow is not None and shadow.active
        rows = open_.get(key, ())
        state = _state(rows, there=there)
        why = "; ".join(_told(change) for change in rows) or ("" if there else "switched off at the source")
        source_id = part.sources[key].ref.source_id
        yield Pair(path, source_id, target_id if there else None, shadow.name if shadow and there else "", state, why)


def _state(rows: Sequence[Change], *, there: bool) -> State:
    if not rows:
        return State.SAME if there else State.NOT_PROMISED
    if any(one.status == Status.HELD for one in rows):
        return State.WAITING
    if any(one.status == Status.READY or one.rule in OURS for one in rows):
        return State.DIFFERS if there else State.MISSING
    return State.NOT_PROMISED


def _told(change: Change) -> str:
    if change.status != Status.READY:
        return f"{change.rule}: {change.reason}"
    fields = [name for name in change.after if change.op != Op.CREATE]
    return f"{', '.join(fields)} not as at the source" if fields else "it is not there"


def strays(
    part: Load, target: Target, taken: Sequence[Row3], names: Mapping[str, str], made: Collection[str]
) -> Iterator[Pair]:
    """Orphans and twins: records of the target that stand for none of ``part``, which is all that the source has.

    ``taken``: (source id, folded name, parent's canonical id) of every record there. ``names``: source id → name.
    ``made``: source ids of what migrations from this source made.
    """
    ours = {target.here[key] for key in part.sources if key in target.here}
    places = {(name, parent) for source_id, name, parent in taken if source_id in ours}
    for source_id, name, parent in taken:
        if source_id in ours:
            continue
        if source_id in made:
            yield Pair((), None, source_id, names.get(source_id, name), State.ORPHAN, "the source has it no more")
        elif (name, parent) in places:
            yield Pair(
                (), None, source_id, names.get(source_id, name), State.TWIN, "another one of this name was moved"
            )
