"""Names: how they are compared, and how a tree is named in a flat system."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum

from mappings.model import Golden

SEPARATOR = " / "

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
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", name))
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", text.casefold())).strip()


def same(ours: str, theirs: str) -> bool:
    """Whether a vendor holds this very name: equal but for composition and outer blanks, which vendors trim."""
    return unicodedata.normalize("NFC", ours).strip() == unicodedata.normalize("NFC", theirs).strip()


def paths(records: Mapping[str, Golden]) -> dict[str, tuple[str, ...]]:
    """Each record's names from the root, itself last.

    A parent that is not among ``records`` ends the path, and so does a cycle.
    """
    found: dict[str, tuple[str, ...]] = {}
    for start in records:
        chain: list[str] = []
        here: str | None = start
        while here is not None and here in records and here not in found and here not in chain:
            chain.append(here)
            parent = records[here].values.get("parent_id")
            here = str(parent) if parent else None
        prefix = found.get(here, ()) if here else ()
        for canonical_id in reversed(chain):
            prefix = (*prefix, records[canonical_id].name)
            found[canonical_id] = prefix
    return found


def suffixes(path: tuple[str, ...]) -> Iterable[str]:
    """The ways to name a record by the end of its path: leaf first, whole path last."""
    for length in range(1, len(path) + 1):
        yield SEPARATOR.join(path[-length:])


def flat_names(records: Mapping[str, Golden], naming: Naming) -> dict[str, str]:
    """How each record of a tree is called in a flat system.

    ``qualify`` takes the leaf, and for namesakes the shortest path that tells them apart, as editors title tabs.
    """
    where = paths(records)
    if naming == Naming.LEAF:
        return {canonical_id: path[-1] for canonical_id, path in where.items()}
    if naming == Naming.PATH:
        return {canonical_id: SEPARATOR.join(path) for canonical_id, path in where.items()}
    groups: dict[str, list[str]] = defaultdict(list)
    for canonical_id, path in where.items():
        groups[fold(path[-1])].append(canonical_id)
    names: dict[str, str] = {}
    for group in groups.values():
        names |= _qualified({canonical_id: where[canonical_id] for canonical_id in group})
    return names


def _qualified(namesakes: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    names = {canonical_id: path[-1] for canonical_id, path in namesakes.items()}
    length = 1
    while True:
        holders: dict[str, list[str]] = defaultdict(list)
        for canonical_id, name in names.items():
            holders[fold(name)].append(canonical_id)
        crowded = [one for group in holders.values() if len(group) > 1 for one in group]
        longer = [one for one in crowded if len(namesakes[one]) > length]
        if not longer:
            return names
        length += 1
        for canonical_id in longer:
            names[canonical_id] = SEPARATOR.join(namesakes[canonical_id][-length:])
