"""What speaks for and against two records being the same, weighed in bits: what is rare says much."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2

from mappings.alike import ENOUGH

PROPOSED = 0.35  # a likeness of less is none
_PRIOR = -3.0
_NAME = ((0.0, -5.0), (0.3, -3.5), (0.6, -1.5), (0.7, 0.5), (0.8, 2.2), (0.9, 4.0), (1.0, 5.0))
_STRANGE = -1.5  # a name in another script, which no alias joins


@dataclass(frozen=True, slots=True)
class Evidence:
    """Each part from 0 to 1; None: nobody can say.

    ``parent``: the same above both; ``path``: what a flat name tells of the place; ``children``: the share of names in
    common below both, and the bits that they say; ``namesakes``: how many records could be meant by the name;
    ``left``: how many are left at this place at most on either side, where nothing else joins them; ``root``: both
    stand at the top.
    """

    name: float | None
    parent: float | None = None
    path: float | None = None
    children: tuple[float, float] | None = None
    namesakes: int = 1
    left: int = 0
    root: bool = False

    def score(self) -> float:
        """How likely the two are the same, from 0 to 1."""
        bits = _PRIOR + (_STRANGE if self.name is None else _between(self.name))
        crowd = log2(max(1, self.namesakes))
        if self.parent is not None:
            bits += (2.5 if self.root else 3.5) * self.parent if self.parent > 0 else -2.5 - crowd
        elif self.path is not None:
            bits += 3.5 * self.path if self.path >= ENOUGH else -4.0
        else:
            bits -= 0.75 * crowd
        if self.children is not None:
            bits += self.children[1]
        if self.left:
            bits += 3.0 - 1.5 * log2(self.left)
        return round(1 / (1 + 2**-bits), 3)

    def parts(self) -> tuple[tuple[str, float], ...]:
        """The parts that are known, by name."""
        known = {
            "name": self.name,
            "parent": self.parent,
            "path": self.path,
            "children": self.children[0] if self.children else None,
            "left": 1 / self.left if self.left else None,
        }
        return tuple((part, round(value, 3)) for part, value in known.items() if value is not None)


def _between(name: float) -> float:
    for (low, bits), (high, more) in pairwise(_NAME):
        if name <= high:
            return bits + (more - bits) * (name - low) / (high - low)
    return _NAME[-1][1]


Like = Callable[[str, str], float | None]
"""How much two keys are alike; None: nobody can say."""


def path_likeness(told: Sequence[str], above: Sequence[str], like: Like, *, whole: bool) -> float | None:
    """How well the path that a flat name tells fits the names above a record; both nearest last.

    ``whole``: ``above`` is all that there is. A level that the name leaves out costs little; one in another script says
    nothing. None: nobody can say.
    """
    likes: list[float] = []
    at = len(above)
    for name in reversed(told if above or whole else ()):
        each = [like(name, other) for other in above[:at]]
        fits = ((found - 0.1 * (at - 1 - one), one) for one, found in enumerate(each) if found)
        best = max((fit for fit in fits if fit[0] >= ENOUGH - 0.1), key=lambda fit: fit[1], default=None)
        if best is not None:
            likes.append(best[0])
            at = best[1]
        elif at == 0 and not whole:
            break
        elif None not in each:
            likes.append(0.0)
    return sum(likes) / len(likes) if likes else None


@dataclass(frozen=True, slots=True)
class Kin:
    """How often a name stands below some record: ``having`` counts the records that have it, of ``parents`` in all."""

    having: Mapping[str, int]
    parents: int

    def in_common(self, ours: Collection[str], theirs: Collection[str]) -> tuple[float, float] | None:
        """The share of names in common below two records, and the bits that this says; None: one has none.

        A rare name in common says much, one that half of all records have little; one that is missing speaks against.
        """
        if not ours or not theirs:
            return None
        common = [name for name in ours if name in theirs]
        few = min(len(ours), len(theirs))
        bits = sum(min(5.0, log2((self.parents + 4) / (self.having.get(name, 0) + 1))) for name in common)
        return len(common) / few, bits - 1.2 * min(4, few - len(common))
