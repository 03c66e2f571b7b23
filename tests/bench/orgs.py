"""Made-up organisations whose records carry a label: which of them are the same is known.

A true organisation of six levels is seen by three systems: two trees in Udesk's terms, and a flat one in ScalePad's,
where every name must be unique. Each of them sees it through noise of its own. The same seed gives the same one.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from mappings.model import Entity, Ref, Shadow
from mappings.naming import SEPARATOR, fold, suffixes
from tests.bench.orgs_noise import RATES, Rates, noisy
from tests.bench.orgs_truth import Truth
from tests.bench.orgs_words import WORDS

TREES, FLAT = ("udesk_cn", "udesk_eu"), "amm"
BRANCH = 20  # departments of the largest branch that is absent, or stands elsewhere


@dataclass(frozen=True, slots=True)
class Org:
    """What the systems say, and the truth.

    ``seen``: connection → its records, the first authority first. ``labels``: the number of each record's true
    department. ``aliases``: the operator's groups of names that mean the same.
    """

    seen: Mapping[str, Sequence[Shadow]]
    labels: Mapping[Ref, int]
    aliases: tuple[tuple[str, ...], ...]
    trees: frozenset[str] = frozenset(TREES)


def make(seed: int, size: int = 2_000, rates: Rates = RATES) -> Org:
    """An organisation of which every system sees about ``size`` departments."""
    truth = Truth(_chance(seed, "truth"), round(size / (1 - rates.absent)))
    seen: dict[str, Sequence[Shadow]] = {}
    labels: dict[Ref, int] = {}
    for connection in (*TREES, FLAT):
        view = _View(truth, rates, _chance(seed, connection), moves=connection == TREES[-1])
        ids = view.ids(connection)
        names = view.flat() if connection == FLAT else view.names()
        shadows = [_shadow(connection, ids[one], names[one], ids.get(above)) for one, above in view.above.items()]
        view.chance.shuffle(shadows)
        seen[connection] = shadows
        labels |= {Ref(connection, Entity.DEPARTMENT, ids[one]): one for one in view.above}
    return Org(seen, labels, tuple(word.aliases() for word in WORDS if word.listed))


def _chance(seed: int, what: str) -> Random:
    return Random(f"{what} {seed}")  # noqa: S311 - the same in every run, on purpose


def _shadow(connection: str, source_id: str, name: str, parent: str | None) -> Shadow:
    more = {"description": None} if connection == FLAT else {"parent_id": parent}
    return Shadow(Ref(connection, Entity.DEPARTMENT, source_id), {"name": name, **more})


class _View:
    """How one system sees the truth. ``above``: each department that it knows → the one above it there, or None."""

    def __init__(self, truth: Truth, rates: Rates, chance: Random, *, moves: bool) -> None:
        self._truth, self.chance = truth, chance
        self.above = dict(truth.above)
        for branch in self._branches(rates.absent):
            for one in branch:
                del self.above[one]
        for branch in self._branches(rates.moved if moves else 0.0):
            self._move(branch)
        told = {one: noisy(truth.names[one], rates, chance) for one in truth.names}
        self._told = {one: text if fold(text) else truth.plain(one) for one, text in told.items()}

    def ids(self, connection: str) -> dict[int | None, str]:
        """The ids that the system gave; they tell nothing."""
        numbers = list(range(1, len(self.above) + 1))
        self.chance.shuffle(numbers)
        form = "d-{:05}" if connection == FLAT else "{}"
        return {one: form.format(number) for one, number in zip(self.above, numbers, strict=True)}

    def names(self) -> dict[int, str]:
        """What a tree calls its departments: no two below one parent are alike."""
        found = {one: self._told[one] for one in self.above}
        while clashing := _alike({one: (above, fold(found[one])) for one, above in self.above.items()}):
            found |= {one: self._truth.plain(one) for one in clashing}
        return found

    def flat(self) -> dict[int, str]:
        """What a flat system calls them: namesakes by the shortest path that tells them apart, as its users call it."""
        trails = {one: tuple(map(self._truth.plain, self._truth.path(one))) for one in self.above}
        bearers = Counter(fold(end) for trail in trails.values() for end in suffixes(trail))
        found: dict[int, str] = {}
        for one, trail in trails.items():
            ends = enumerate(suffixes(trail), 1)
            length = next((length for length, end in ends if bearers[fold(end)] == 1), len(trail))
            found[one] = SEPARATOR.join(self._told[part] for part in self._truth.path(one)[-length:])
        for one in _alike({one: fold(name) for one, name in found.items()}):
            found[one] = SEPARATOR.join(trails[one])
        return found

    def _branches(self, share: float) -> Iterator[Collection[int]]:
        """Branches picked at random, until they hold this share of the departments."""
        left, wanted = share * len(self.above), list(self.above)
        self.chance.shuffle(wanted)
        for one in wanted if left >= 1 else ():
            branch = self._below(one) if one in self.above else ()
            if 0 < len(branch) <= min(BRANCH, left):
                left -= len(branch)
                yield branch

    def _below(self, top: int) -> set[int]:
        """A department and all below it."""
        children = defaultdict(list)
        for one, above in self.above.items():
            children[above].append(one)
        found, level = set[int](), [top]
        while level:
            found.update(level)
            level = [child for one in level for child in children[one]]
        return found

    def _move(self, branch: Collection[int]) -> None:
        """Hang a branch up elsewhere, where nobody has its name."""
        top = next(one for one in branch if self.above[one] not in branch)
        name = self._truth.plain(top)
        namesakes = {self.above[one] for one in self.above if self._truth.plain(one) == name}
        places = [one for one in self.above if one not in branch and one not in namesakes]
        self.above[top] = self.chance.choice(places)


def _alike(keys: Mapping[int, object]) -> list[int]:
    """The departments whose key is another's too."""
    counts = Counter(keys.values())
    return [one for one, key in keys.items() if counts[key] > 1]
