"""The figures to reach, worked out from what was measured."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from tests.bench.measure import Load
from tests.bench.results import Calls, Median, Results, Unchanged
from tests.bench.ways import Way

BIG = 1_000_000
BATCH = 100  # teams whose members one call reads
TIMES_FASTER = {
    (Way.DEFAULT, 0): 15.0,
    (Way.DEFAULT, 50): 10.0,
    (Way.PARQUET, 0): 3.0,
    (Way.PARQUET, 50): 5.0,
}
"""How many times faster than a peer at least, by added latency in ms, in pages of 100."""
OF_MERGE = 1.2  # times the wall of dlt fed with Arrow tables and merged, at most
OF_FLOOR, OF_FLOOR_BIG = 2.5, 1.7  # times the wall of the floor, at most
PEAK, PEAK_BIG = 500.0, 1024.0  # MB, under
FLAT = 1.2  # times the peak with a tenth of the pages, at most: "flat" without the noise
UNCHANGED_CALLS, UNCHANGED_SECONDS = 8, 3.0

Unit = Literal["x", "MB", "calls", "s"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure beside its target, of one setting."""

    text: str
    load: Load
    value: float
    bound: float
    unit: Unit
    at_least: bool = False

    @property
    def reached(self) -> bool:
        """Whether the target is met."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def figures(results: Results) -> list[Figure]:
    """Every figure that can be told from what was measured; what was not measured is missing."""
    found: list[Figure] = []
    for load in results.loads():
        found += _speed(load, results.medians(load))
    found += _memory(results)
    for load in results.loads():
        if ours := results.medians(load).get(Way.OURS):
            least = least_calls(load, ours.calls)
            found.append(Figure("calls of a full read", load, sum(ours.calls.values()), least, "calls"))
    if results.unchanged:
        found += _unchanged(results.unchanged)
    return found


def least_calls(load: Load, calls: Calls) -> int:
    """The calls that a full read needs: the pages, one for each empty list, one for every 100 teams."""
    sizes = {"coworkertasks": load.tasks, "teams": load.teams, "helpdeskdepartments": load.departments}
    lists = {kind.removesuffix(" list") for kind in calls if kind.endswith(" list")}
    return sum(max(-(-sizes.get(name, 0) // load.page), 1) for name in lists) - (-load.teams // BATCH)


def _speed(load: Load, medians: dict[Way, Median]) -> Iterator[Figure]:
    floor = OF_FLOOR_BIG if load.tasks >= BIG else OF_FLOOR
    for mine, part in ((Way.OURS, ""), (Way.LANDED, ", to the shadows")):
        if mine not in medians:
            continue
        wall = medians[mine].wall
        for way, other in medians.items():
            if load.page == 100 and (times := TIMES_FASTER.get((way, load.latency))):
                yield Figure(f"times faster than {way}{part}", load, other.wall / wall, times, "x", at_least=True)
        for way, most in ((Way.ARROW_MERGE, OF_MERGE), (Way.FLOOR, floor)):
            if way in medians:
                yield Figure(f"times the wall of {way}{part}", load, wall / medians[way].wall, most, "x")


def _memory(results: Results) -> Iterator[Figure]:
    peaks: dict[Load, float] = {}
    for load in results.loads():
        if ours := results.medians(load).get(Way.OURS):
            peaks[load] = ours.peak
            yield Figure("peak memory", load, ours.peak, PEAK_BIG if load.tasks >= BIG else PEAK, "MB")
    for load, peak in peaks.items():
        fewer = replace(load, page=load.page * 10)
        if fewer in peaks:
            yield Figure("times the peak of larger pages", load, peak / peaks[fewer], FLAT, "x")


def _unchanged(seen: Unchanged) -> Iterator[Figure]:
    load, first, later = seen.load, seen.first.calls, seen.later
    yield Figure("calls of a first sync", load, sum(first.values()), least_calls(load, first), "calls")
    yield Figure("calls, nothing changed", load, sum(later.calls.values()), UNCHANGED_CALLS, "calls")
    yield Figure("seconds, nothing changed", load, later.wall, UNCHANGED_SECONDS, "s")
