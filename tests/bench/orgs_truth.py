"""A true organisation: six levels of departments, with namesakes at several depths."""

from collections.abc import Sequence
from random import Random

from tests.bench.orgs_noise import Name, plain
from tests.bench.orgs_words import CITIES, COUNTRIES, FUNCTIONS, KINDS, PRODUCTS, REGIONS, TEAMS, TOPS, Word

SHARES = (0.03, 0.14, 0.26, 0.32, 0.25)  # of all departments, on the levels below the top ones
TRIES = 50
Parts = tuple[Sequence[Word | str], ...]
FUNCTION, CITY, PRODUCT, TEAM = (FUNCTIONS,), (CITIES,), (PRODUCTS,), (TEAMS,)
KIND_OF, OF_PRODUCT = (KINDS, FUNCTIONS), (PRODUCTS, FUNCTIONS)
MIX: Sequence[Sequence[tuple[Parts, int]]] = (
    ((FUNCTION, 100),),
    ((FUNCTION, 60), (CITY, 25), (KIND_OF, 15)),
    ((FUNCTION, 35), (KIND_OF, 35), (PRODUCT, 20), (CITY, 10)),
    ((FUNCTION, 20), (KIND_OF, 40), (OF_PRODUCT, 20), (TEAM, 10), (PRODUCT, 10)),
    ((FUNCTION, 10), (KIND_OF, 30), (OF_PRODUCT, 20), (TEAM, 30), (PRODUCT, 10)),
)
"""What the departments of a level are called after, in parts of a hundred; from the second level on."""


class Truth:
    """``names``: number → name. ``above``: number → the number of the department above it, None at the top."""

    def __init__(self, chance: Random, size: int) -> None:
        self._chance = chance
        self._used: dict[int | None, set[str]] = {}
        self.names: dict[int, Name] = {}
        self.above: dict[int, int | None] = {}
        tops: tuple[Word | str, ...] = (*REGIONS, *TOPS)
        level = [self._add(None, (name,)) for name in tops]
        for share, mix in zip(SHARES, MIX, strict=True):
            level = [self._grow(level, mix) for _ in range(max(1, round(share * (size - len(tops)))))]

    def plain(self, one: int) -> str:
        """A department's name as it is."""
        return plain(self.names[one])

    def path(self, one: int | None) -> tuple[int, ...]:
        """The departments from the top down to this one."""
        found: list[int] = []
        while one is not None:
            found.append(one)
            one = self.above[one]
        return tuple(reversed(found))

    def _grow(self, level: Sequence[int], mix: Sequence[tuple[Parts, int]]) -> int:
        """Add a department below one of a level."""
        for _ in range(TRIES):
            above = self._chance.choice(level)
            name = self._drawn(above, mix)
            if plain(name) not in self._used.get(above, ()):
                return self._add(above, name)
        raise ValueError("there are not enough names for so many departments")

    def _drawn(self, above: int, mix: Sequence[tuple[Parts, int]]) -> Name:
        if above < len(REGIONS):
            return (self._chance.choice(COUNTRIES[above]),)
        (chosen,) = self._chance.choices([parts for parts, _ in mix], [share for _, share in mix])
        return tuple(self._chance.choice(part) for part in chosen)

    def _add(self, above: int | None, name: Name) -> int:
        number = len(self.names)
        self.names[number], self.above[number] = name, above
        self._used.setdefault(above, set()).add(plain(name))
        return number
