"""What was measured, in medians."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.measure import Load, Spent
from tests.bench.ways import Way

Calls = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of one way: what it took, and the calls that it made, by kind."""

    load: Load
    way: Way
    spent: Spent
    calls: Calls


@dataclass(frozen=True, slots=True)
class Median:
    """A way's medians over its rounds: seconds, MB at the peak, calls."""

    wall: float
    cpu: float
    peak: float
    calls: Calls
    rounds: int

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> "Median":
        """The medians of one way's samples; calls are the last round's."""
        found = [sample.spent for sample in samples]
        wall, cpu, peak = (median(getattr(one, name) for one in found) for name in ("wall", "cpu", "peak"))
        return cls(wall, cpu, peak, samples[-1].calls, len(samples))


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A ``sync`` that sees everything for the first time, and the ones after it, when nothing has changed."""

    load: Load
    first: Sample
    later: Median


@dataclass(frozen=True, slots=True)
class Results:
    """Everything of one benchmark. ``failures``: what did not run, in words."""

    samples: Sequence[Sample]
    unchanged: Unchanged | None
    failures: Sequence[str]

    def loads(self) -> list[Load]:
        """The settings that were measured, in order."""
        return list(dict.fromkeys(sample.load for sample in self.samples))

    def medians(self, load: Load) -> dict[Way, Median]:
        """The medians of one setting, in the order of the ways."""
        kept = [sample for sample in self.samples if sample.load == load]
        return {way: Median.of(mine) for way in Way if (mine := [sample for sample in kept if sample.way == way])}
