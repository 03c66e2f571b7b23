"""Names that are like a name, out of very many: an index, so that nothing is compared with everything."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module

from mappings.alike import ENOUGH, Name, alike, name_of

LOOKED_AT = 120  # names that share something with one that is looked for; of rare things first
COMPARED = 8  # the most alike of those, word by word
CROWD = 400  # what so many names have in common tells nothing
FEW = 3000  # so many names are looked at one by one


class Seeker:
    """The names among ``keys`` that are like another. ``asked``: about how often it will be asked."""

    def __init__(self, keys: Iterable[str], asked: int) -> None:
        self._keys = sorted(keys)
        self._all = len(self._keys) <= FEW and len(self._keys) * asked <= 1000 * FEW
        self._exact = frozenset(self._keys)
        self._having: dict[str, list[int]] = defaultdict(list)
        self._short: dict[str, list[int]] = defaultdict(list)
        self._cores = [_sorted(name_of(key)) for key in self._keys]
        self._found: dict[str, tuple[tuple[str, float], ...]] = {}
        for at, key in enumerate(self._keys):
            name = name_of(key)
            for sign in dict.fromkeys(_signs(name, 0)):
                self._having[sign].append(at)
            for sign in dict.fromkeys(_shorts(name, "long", "short")):
                self._short[sign].append(at)

    def like(self, key: str) -> tuple[tuple[str, float], ...]:
        """The names that are like this one, each with how much, the most alike first; itself is one of them."""
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = tuple(self._like(key)) if key else ()
        return found

    def _like(self, key: str) -> list[tuple[str, float]]:
        name = name_of(key)
        ids = set(self._sharing(_shorts(name, "short", "long"), self._short, COMPARED))
        if self._all:
            ids |= {at for _, _, at in _extract()(_sorted(name), self._cores, 45, COMPARED)}
        elif looked := sorted(self._sharing(_signs(name, 1), self._having, LOOKED_AT)):
            cores = [self._cores[one] for one in looked]
            ids |= {looked[at] for _, _, at in _extract()(_sorted(name), cores, 62, COMPARED - 3)}
        found = [(self._keys[at], alike(key, self._keys[at]) or 0.0) for at in ids]
        if key in self._exact:
            found.append((key, 1.0))
        return sorted({one for one in found if one[1] >= ENOUGH}, key=lambda one: (-one[1], one[0]))[:COMPARED]

    @staticmethod
    def _sharing(signs: Iterable[str], having: dict[str, list[int]], most: int) -> set[int]:
        """Those that share a sign, rare signs first."""
        found: set[int] = set()
        for posting in sorted(filter(None, map(having.get, dict.fromkeys(signs))), key=len):
            if len(posting) > CROWD or len(found) + len(posting) > most:
                break
            found.update(posting)
        return found


def _sorted(name: Name) -> str:
    """Its words in an order that does not depend on how they stand."""
    return " ".join(sorted(name.words))


def _signs(name: Name, away: int) -> Iterator[str]:
    """What most mistyped and re-worded names still share: a word, its start, one half of all letters.

    ``away``: by how many letters the other name may be longer or shorter.
    """
    for word in name.words:
        yield word
        if not word.isascii():
            yield from (word[at : at + 2] for at in range(len(word) - 1))
        elif len(word) > 4:
            yield word[:4]
    letters = name.letters
    for length in range(len(letters) - away, len(letters) + away + 1):
        if length >= 6:
            yield "<" + letters[: length // 2]
            yield ">" + letters[length // 2 - length :]


def _shorts(name: Name, long: str, short: str) -> Iterator[str]:
    """How a name may be cut short: to its first letters, or to the starts of its words; ``long``, ``short``: marks.

    The index holds under the marks what a name is asked for under the other ones: a short word finds long ones.
    """
    letters = name.letters
    if len(letters) <= 5:
        yield f"{short} {letters}"
    if len(name.words) > 1:
        yield f"{long} {name.initials}"
    for word in name.words:
        if len(word) >= 3:
            mark = short if len(word) <= 5 else long
            yield f"{mark} {word[:3]}.{len(name.words)}"
            yield f"{mark} {word[:2]}.{len(name.words)}"


@cache
def _extract() -> Callable[[str, list[str], int, int], list[tuple[str, float, int]]]:
    extract, ratio = import_module("rapidfuzz.process").extract, import_module("rapidfuzz.fuzz").ratio

    def extracted(core: str, choices: list[str], percent: int, most: int) -> list[tuple[str, float, int]]:
        found: list[tuple[str, float, int]] = extract(core, choices, scorer=ratio, score_cutoff=percent, limit=most)
        return found

    return extracted
