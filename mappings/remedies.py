"""What a migration says of its changes, and what a person can do about those that it will not make."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from mappings.migration import RULE, Load, Move
from mappings.model import NAME_FIELD, Op
from mappings.naming import Naming, fold
from mappings.order import RIVAL
from mappings.plan import Change, Status

Place = tuple[str | None, str]
"""Where a change puts a name: the parent's canonical id where the target is a tree, and the folded name."""

_WHO = (
    "What to do: --people FILE says who is who (a CSV of two columns); or have them there under the same e-mail "
    "address, and say [people] email = true"
)
_SHOWN = 4  # source ids that are told


def told(changes: Iterable[Change], move: Move, part: Load, naming: Naming) -> Iterator[Change]:
    """The changes under a migration's own rule; what is refused or held, or only a temporary name, keeps its own."""
    every = list(changes)
    places: dict[Place, list[Change]] = {}
    for change in every:
        places.setdefault(_place(change), []).append(change)
    for change in every:
        if change.rule == "name_too_long":
            yield replace(change, reason=f"{change.reason}. What to do: --shorten cuts such names; or shorten it there")
        elif change.rule == "person_unknown":
            yield replace(change, reason=f"{change.reason.partition(' What to do:')[0]} {_WHO}")
        elif (change.rule, change.reason) == RIVAL:
            yield replace(change, reason=_rivals(places[_place(change)], move, part, naming))
        elif change.rule == "name_taken" and "What to do" not in change.reason:
            remedy = f"rename one of the two, at {move.source} or at {move.target}"
            yield replace(change, reason=f"{change.reason}. What to do: {remedy}")
        elif change.status != Status.READY or change.rule == "temporary_name":
            yield change
        elif change.op == Op.CREATE:
            yield replace(change, rule=RULE)
        else:
            has = "has it under another parent" if change.op == Op.MOVE else "says so"
            yield replace(change, rule=RULE, reason=f"{move.source} {has}")


def _place(change: Change) -> Place:
    parent = change.after.get("parent_id")
    return None if parent is None else str(parent), fold(str(change.after.get(NAME_FIELD[change.entity], "")))


def _rivals(rivals: Sequence[Change], move: Move, part: Load, naming: Naming) -> str:
    """Why of several records of one name only one is made, and what helps: no naming tells siblings apart."""
    name = rivals[0].after[NAME_FIELD[move.into]]
    keys = [one.canonical_id for one in rivals if one.canonical_id in part.sources]
    ids = ", ".join(part.sources[key].ref.source_id for key in keys[:_SHOWN])
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    several = naming is not Naming.QUALIFY and len(_folded(keys, part.names.paths)) > 1
    other = ' (or naming = "qualify" under [departments], where they stand below different parents)' if several else ""
    return (
        f"{len(keys)} {move.entity}s of {move.source} would be called {name!r} at {move.target} (ids {ids}{more}): "
        "there a name stands once, whatever its case and blanks; one of them is moved. What to do: give each a name of "
        f"its own at {move.source}{other}, and migrate again; or leave it: all others are moved without these"
    )


def _folded(keys: Iterable[str], paths: Mapping[str, tuple[str, ...]]) -> set[tuple[str, ...]]:
    return {tuple(map(fold, paths[key])) for key in keys}
