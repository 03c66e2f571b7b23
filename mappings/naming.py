"""Names: how they are compared, and how a tree is named in a flat system."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple

from mappings.model import Value

SEPARATOR = " / "
CLEANED = 0.6  # of a text is left at least where a vendor spelt it otherwise
DEEPEST = 100  # levels of a path that are told; a chain of 20,000 would otherwise hold 200 million names

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
_BLANKS = re.compile(r"\s+")


class Naming(StrEnum):
    """How a tree is named in a flat system."""

    LEAF = "leaf"
    QUALIFY = "qualify"
    PATH = "path"


def fold(name: str) -> str:
    """The key by which two names count as equal: NFKC, case, blanks and zero-width characters folded.

    Computed here and nowhere else: DuckDB's ``lower`` and a vendor's collation fold other letters.
    """
    if name.isascii():
        return " ".join(name.lower().split())
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", name))
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", text.casefold())).strip()


def same(ours: Value, theirs: Value) -> bool:
    """Whether a vendor holds this very value; a text may differ in composition and outer blanks, which vendors trim."""
    if isinstance(ours, str) and isinstance(theirs, str):
        return unicodedata.normalize("NFC", ours).strip() == unicodedata.normalize("NFC", theirs).strip()
    return ours == theirs


def cleaned(sent: Value, seen: Value) -> bool:
    """Whether what reads back may be what a vendor made of a value: as it was, cut, cleaned, escaped, emptied.

    Another text is somebody's edit. A small one is taken for the vendor's spelling, and so is what is no text.
    """
    if not isinstance(sent, str) or not isinstance(seen, str):
        return not isinstance(seen, str)
    a, b = fold(sent), fold(seen)
    return a.startswith(b) or SequenceMatcher(None, a, b, autojunk=False).ratio() >= CLEANED


class Node(NamedTuple):
    """A record's place: its name, and the canonical id of its parent (None: it has none, or nobody knows it)."""

    name: str
    parent_id: str | None


def paths(nodes: Mapping[str, Node]) -> dict[str, tuple[str, ...]]:
    """Each record's names from the root, itself last; of a longer path than ``DEEPEST`` its end.

    A parent that is not among ``nodes`` ends the path; a record of a cycle has its own name only, whichever of them is
    asked first.
    """
    found: dict[str, tuple[str, ...]] = {}
    for start in nodes:
        chain: dict[str, None] = {}
        here: str | None = start
        while here is not None and here in nodes and here not in found and here not in chain:
            chain[here] = None
            here = nodes[here].parent_id
        while here is not None and here in chain:
            last, _ = chain.popitem()
            found[last] = (nodes[last].name,)
        prefix = found.get(here, ()) if here else ()
        for canonical_id in reversed(chain):
            prefix = (*prefix[1 - DEEPEST :], nodes[canonical_id].name)
            found[canonical_id] = prefix
    return found


@dataclass(frozen=True, slots=True)
class Names:
    """What the records of an entity are called: each one's path, and its name in a flat system."""

    paths: Mapping[str, tuple[str, ...]]
    flat: Mapping[str, str]


def name_all(nodes: Mapping[str, Node], naming: Naming) -> Names:
    """The names of these records, which are all that there are."""
    where = paths(nodes)
    return Names(where, flat_names(where, naming))


def leaf(name: str, above: tuple[str, ...], agreed: str = "") -> str:
    """A name without the path, or the end of it, that a flat system wrote before it.

    ``above``: its parent's path. ``agreed``: what stood before the leaf when the system last agreed on the name; the
    parent may be called otherwise by now, and whoever renamed the record there could not know. The longest end counts:
    below "Sales / Sales", the third "Sales" is called "Sales / Sales / Sales".
    """
    if not above:
        return name
    return without_head(name, {fold(end) for end in (*suffixes(above), *filter(None, [agreed]))}, fold)


def without_head(name: str, heads: Collection[str], key: Callable[[str], str] = str) -> str:
    """A name without the longest of ``heads`` that stands before it; ``key``: how its beginnings are compared."""
    parts = name.split(SEPARATOR)
    cuts = (cut for cut in range(1, len(parts)) if key(SEPARATOR.join(parts[:cut])) in heads)
    return SEPARATOR.join(parts[max(cuts, default=0) :])


def agreed_head(agreed: str | None, leaves: Iterable[str | None]) -> str:
    """What stands before the leaf in a flat name that was agreed on; ``leaves``: what other systems agreed on then.

    Empty where the name was not qualified: a leaf may hold a separator of its own.
    """
    head, _, last = (agreed or "").rpartition(SEPARATOR)
    return head if any(same(last, one) for one in leaves if one is not None) else ""


def suffixes(path: tuple[str, ...]) -> Iterable[str]:
    """The ways to name a record by the end of its path: leaf first, whole path last."""
    for length in range(1, len(path) + 1):
        yield SEPARATOR.join(path[-length:])


def flat_names(where: Mapping[str, tuple[str, ...]], naming: Naming) -> dict[str, str]:
    """How each record of a tree, told by its path, is called in a flat system.

    ``qualify`` takes the leaf, and for namesakes the shortest path that tells them apart, as editors title tabs.
    """
    if naming == Naming.LEAF:
        return {canonical_id: path[-1] for canonical_id, path in where.items()}
    if naming == Naming.PATH:
        return {canonical_id: SEPARATOR.join(path) for canonical_id, path in where.items()}
    return _qualified(where)


def _qualified(where: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The shortest ends of paths that no other record is called by too.

    All records are told apart together, not namesake by namesake: one may really be called "Europe / Support".
    """
    keys = {name: fold(name) for name in {name for path in where.values() for name in path}}
    folded = {canonical_id: tuple(keys[name] for name in path) for canonical_id, path in where.items()}
    called = {canonical_id: path[-1] for canonical_id, path in folded.items()}
    lengths = dict.fromkeys(where, 1)
    crowded = True
    while crowded:
        holders = Counter(called.values())
        longer = [one for one, path in folded.items() if holders[called[one]] > 1 and len(path) > lengths[one]]
        for canonical_id in longer:
            lengths[canonical_id] += 1
            called[canonical_id] = SEPARATOR.join(folded[canonical_id][-lengths[canonical_id] :])
        crowded = bool(longer)
    return {canonical_id: SEPARATOR.join(path[-lengths[canonical_id] :]) for canonical_id, path in where.items()}
