"""How well records were matched: the pairs across systems that were told, beside those that are true."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Set
from dataclasses import dataclass
from itertools import combinations

from mappings.match import Matches
from mappings.model import Method, Ref

Pair = tuple[Ref, Ref]
"""Two records of different systems, the lower one first."""


@dataclass(frozen=True, slots=True)
class Score:
    """Pairs: how many were told, how many of them are true, how many true ones there are."""

    told: int
    right: int
    true: int

    @classmethod
    def of(cls, told: Set[Pair], true: Set[Pair]) -> "Score":
        """The score of these pairs."""
        return cls(len(told), len(told & true), len(true))

    @property
    def precision(self) -> float:
        """The share of what was told that is true; 1 where nothing was told."""
        return self.right / self.told if self.told else 1.0

    @property
    def recall(self) -> float:
        """The share of what is true that was told."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.right / (self.told + self.true) if self.told + self.true else 1.0


def pairs(groups: Mapping[Ref, Hashable]) -> set[Pair]:
    """All pairs across systems of records that stand in one group: record → group."""
    members: dict[Hashable, list[Ref]] = defaultdict(list)
    for ref in sorted(groups):
        members[groups[ref]].append(ref)
    return {
        (one, other)
        for group in members.values()
        for one, other in combinations(group, 2)
        if one.connection != other.connection
    }


def linked(found: Matches) -> dict[Ref, str]:
    """What was linked by itself: record → canonical id."""
    return {link.ref: link.canonical_id for link in found.links}


def proposed(found: Matches) -> dict[Ref, str]:
    """The same, and each record that waits for a person by the first candidate of its proposal."""
    first = {dispute.ref: dispute.candidates[0] for dispute in found.disputes if dispute.candidates}
    return first | linked(found)


def offered(found: Matches, labels: Mapping[Ref, int]) -> dict[Ref, str]:
    """The same, where a person picks the right one among all candidates, if it is there."""
    truth = {link.canonical_id: labels[link.ref] for link in found.links if link.method == Method.FOUNDED}
    picked = {
        dispute.ref: one
        for dispute in found.disputes
        for one in dispute.candidates
        if truth.get(one) == labels[dispute.ref]
    }
    return picked | linked(found)


def best(likely: Mapping[Pair, float], true: Set[Pair]) -> Score:
    """The score at the threshold that gives the best F1, which nobody who lacks the labels could know."""
    falling = sorted(likely, key=lambda pair: -likely[pair])
    right, found = 0, Score(0, 0, len(true))
    for number, pair in enumerate(falling, 1):
        right += pair in true
        whole = number == len(falling) or likely[falling[number]] < likely[pair]  # no threshold parts equals
        if whole and (score := Score(number, right, len(true))).f1 > found.f1:
            found = score
    return found


def mutual(likely: Mapping[Pair, float]) -> dict[Pair, float]:
    """Those pairs of which each record is the other's likeliest one in its system."""
    top: dict[tuple[Ref, str], tuple[float, Ref]] = {}
    for (one, other), likelihood in likely.items():
        for mine, theirs in ((one, other), (other, one)):
            place = (mine, theirs.connection)
            top[place] = max(top.get(place, (0.0, theirs)), (likelihood, theirs))
    return {
        (one, other): likelihood
        for (one, other), likelihood in likely.items()
        if top[one, other.connection][1] == other and top[other, one.connection][1] == one
    }
