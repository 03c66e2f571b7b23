"""Aliases: groups of names that mean the same, for names that no string distance can join (工程部 = Engineering)."""

from collections.abc import Iterable, Sequence

from mappings.alike import alike
from mappings.naming import SEPARATOR, fold


class Aliases:
    """The groups of one entity. ``key`` maps a name to the text by which it counts as equal to others."""

    def __init__(self, groups: Iterable[Sequence[str]] = ()) -> None:
        """Each group: names, the first of them being the one that the others are read as.

        ValueError where a name is blank, or stands in two groups.
        """
        self._first: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._groups: dict[str, tuple[str, ...]] = {}
        for group in groups:
            self.add(group)

    def add(self, group: Sequence[str]) -> None:
        """Add a group, before any key is asked for. ValueError as above, with nothing added."""
        folded = list(dict.fromkeys(map(fold, group)))
        for name, key in zip(group, map(fold, group), strict=True):
            if not key:
                raise ValueError(f"{name!r} is blank")
            if key in self._first:
                raise ValueError(f"{name!r} stands in two groups")
        self._first |= dict.fromkeys(folded, folded[0])
        self._groups[folded[0]] = tuple(folded)

    def key(self, name: str) -> str:
        """The name folded, and each part of a path (`` / `` between them) as the first of its group."""
        found = self._keys.get(name)
        if found is None:
            found = self._keys[name] = self._mapped(fold(name))
        return found

    def variants(self, key: str) -> tuple[str, ...]:
        """All names of the group that a key without a path stands for, folded; of no group: itself."""
        return self._groups.get(key, (key,))

    def alike(self, one: str, other: str) -> float | None:
        """How much two keys are alike, by those of their names that are most so; None: they cannot be compared."""
        pairs = ((mine, theirs) for mine in self.variants(one) for theirs in self.variants(other))
        return max((like for pair in pairs if (like := alike(*pair)) is not None), default=None)

    def told(self, name: str, path: Sequence[str]) -> str:
        """The aliases by which a name, or a part of it, is one of these: ``工程部 = Engineering``; empty: none."""
        if not self._first:
            return ""
        theirs = {fold(one): one for one in path}
        found = []
        for part in (name, *name.split(SEPARATOR)):
            first = self._first.get(fold(part))
            if first is not None and fold(part) not in theirs:
                found += [f"{part} = {one}" for other, one in theirs.items() if self._first.get(other) == first]
        return ", ".join(dict.fromkeys(found))

    def _mapped(self, folded: str) -> str:
        if not self._first or folded in self._first:  # a name may hold the separator itself
            return self._first.get(folded, folded)
        return SEPARATOR.join(self._first.get(part, part) for part in folded.split(SEPARATOR))


NONE = Aliases()
