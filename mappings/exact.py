"""Exact matching of records that stand side by side: who can only be whom."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mappings.known import NOTHING, Book
from mappings.model import Shadow
from mappings.rows import Choice, Rows


@dataclass(slots=True)
class Decided:
    """What is certain (source id → canonical id), what no canonical record is equal to, ties with their candidates.

    ``doubts``: what would be certain, if no record that waits elsewhere were called so too.
    """

    links: dict[str, str] = field(default_factory=dict)
    loose: list[str] = field(default_factory=list)
    ties: dict[str, tuple[str, ...]] = field(default_factory=dict)
    doubts: dict[str, tuple[str, ...]] = field(default_factory=dict)


def choice(book: Book, rows: Rows, shadow: Shadow, apart: Collection[str], gone: Collection[str] = NOTHING) -> Choice:
    """The canonical records that an unlinked one is equal to; of those linked here only the ``gone`` ones."""
    source_id = shadow.ref.source_id
    key = rows.keys[source_id]
    if not key:
        return ()
    if not rows.tree:
        found: Choice = book.called.get(key, ())
        return [one for one in found if one not in apart] if apart else found
    taken = book.taken[rows.connection]
    same = book.siblings(rows.here.get(rows.parent(shadow)), key)
    free = [one for one in same if one not in apart and (one not in taken or one in gone)] if same else ()
    return free or rows.flat.get(source_id, ())


def decide(choices: Mapping[str, Choice], taken: Collection[str], elsewhere: Counter[str]) -> Decided:
    """Link while anything is certain: what is linked is out of the question for the others.

    ``elsewhere``: how many further records could only be this canonical one.
    """
    found, new = Decided(), set[str]()
    waiting = list(choices)
    while waiting:
        left = _free(waiting, choices, taken, new)
        claims = Counter(ids[0] for ids in left.values() if len(ids) == 1)
        before, waiting = waiting, []
        for source_id in before:
            ids = left[source_id]
            if not ids:
                found.loose.append(source_id)
            elif len(ids) == 1 and claims[ids[0]] + elsewhere.get(ids[0], 0) == 1:
                found.links[source_id] = ids[0]
                new.add(ids[0])
            else:
                waiting.append(source_id)
        if len(waiting) == len(before):
            found.ties = {source_id: left[source_id] for source_id in waiting}
            break
    return found


def _free(
    waiting: Sequence[str], choices: Mapping[str, Choice], taken: Collection[str], new: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """The candidates that are left; ten thousand tasks may share one title, and so one choice, seen to once."""
    free: dict[int, tuple[str, ...]] = {}
    left: dict[str, tuple[str, ...]] = {}
    for source_id in waiting:
        ids = choices[source_id]
        mine = free.get(id(ids)) if ids else ()
        if mine is None:
            open_ = [one for one in ids if one not in taken and one not in new]
            mine = free[id(ids)] = tuple(sorted(open_) if len(open_) > 1 else open_)
        left[source_id] = mine
    return left


def elsewhere(rows: Rows, batch: Iterable[str]) -> Counter[str]:
    """The claims of all records but those of this batch, which claim for themselves, and those that are linked."""
    if not rows.claims:
        return rows.claims
    inside = Counter(one for source_id in batch if len(ids := rows.flat.get(source_id, ())) == 1 for one in ids)
    return rows.claims - inside
