"""Parts of a migration that can go first: a subtree, or a sample that shows what goes wrong; with all that is above."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from mappings.migration import Load
from mappings.naming import SEPARATOR, fold


def with_parents(part: Load, keys: Iterable[str]) -> set[str]:
    """These records and all above them."""
    kept: set[str] = set()
    for key in keys:
        here: str | None = key
        while here is not None and here not in kept:
            kept.add(here)
            here = part.parents.get(here)
    return kept


def below(part: Load, path: str) -> set[str]:
    """The records of a subtree, by the path of its top, and the names above it; empty where there is none."""
    wanted = fold(path)
    found = [
        key
        for key, names in part.names.paths.items()
        if any(fold(SEPARATOR.join(names[:end])) == wanted for end in range(1, len(names) + 1))
    ]
    return with_parents(part, found)


def sample(part: Load, size: int) -> set[str]:
    """So many records that are likely to show what goes wrong, and all above them; the same ones every time.

    By turns: the deepest, namesakes, the longest names, names in other scripts, then some of every part.
    """
    where, shared = part.names.paths, Counter(fold(path[-1]) for path in part.names.paths.values())
    order = sorted(where, key=lambda key: (where[key], key))
    alike = defaultdict(list)
    for key in order:
        alike[fold(where[key][-1])].append(key)
    rows = (
        sorted(order, key=lambda key: -len(where[key])),
        [key for name, _ in shared.most_common() if shared[name] > 1 for key in alike[name]],
        sorted(order, key=lambda key: -len(where[key][-1])),
        [key for key in order if not where[key][-1].isascii()],
        order[:: max(1, len(order) // max(size, 1))],
    )
    found: dict[str, None] = {}
    for turn in range(len(order)):
        for row in rows:
            if len(found) < size and turn < len(row):
                found[row[turn]] = None
    return with_parents(part, found)
