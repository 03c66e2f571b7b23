"""``make bench-pull``: what a pull costs, beside dlt and beside what can be written by hand.

``python -m tests.bench.pull``; ``--quick`` and ``--only ours,floor --pages 1000 --latency 0`` take seconds.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from tests.bench import ours
from tests.bench.docs import write
from tests.bench.figures import BIG
from tests.bench.measure import Broken, Load, Server, fresh_folder, served, spent
from tests.bench.report import console, page
from tests.bench.results import Median, Results, Sample, Unchanged
from tests.bench.ways import SLOW, Way

PARTS = ("settings", "big", "unchanged")
QUICK = {"tasks": 2_000, "rounds": 1, "pages": [100], "latency": [0], "parts": ["settings"]}
WHOLE = {"tasks": 100_000, "rounds": 3, "pages": [100, 1000], "latency": [0, 50], "parts": list(PARTS)}
SYNC = ("sync", "--yes", "--quiet")
SYNC_CODES = (0, 3)  # 3: done, and a person is asked about namesakes
T = TypeVar("T")


def measured(load: Load, server: Server, way: Way) -> Sample:
    """Run one way once. Raises ``Broken`` where it fails or does not bring every task."""
    server.calls()
    with fresh_folder() as folder:
        if way is Way.OURS:
            ours.prepare(folder, server, "tasks")
            took = ours.run(folder, "pull", "--quiet", "--json")
            rows = ours.landed(folder)
        else:
            command = [sys.executable, "-m", "tests.bench.peers", way.value, server.url, str(folder)]
            took = spent(command, folder, {})
            last = took.said.split()[-1]
            rows = int(last) if last.isdecimal() else 0
    if rows != load.tasks:
        raise Broken(f"{rows:,} rows came of {load.tasks:,}")
    return Sample(load, way, took, server.calls())


class Bench:
    """A benchmark as it goes: what was measured so far, and what failed."""

    def __init__(self, told: argparse.Namespace) -> None:
        self._told = told
        self.samples: list[Sample] = []
        self.failures: list[str] = []

    def setting(self, load: Load, ways: Sequence[Way]) -> None:
        """Measure these ways in turns, each round beginning with another one."""
        _say(f"{load.tasks:,} tasks, pages of {load.page:,}, {load.latency} ms: rendering")
        with served(load) as server:
            for nth in range(max(self._rounds(way) for way in ways)):
                turn = nth % len(ways)
                for way in (*ways[turn:], *ways[:turn]):
                    if nth < self._rounds(way):
                        self._measure(load, server, way, nth + 1)

    def unchanged(self, load: Load) -> Unchanged | None:
        """Measure a ``sync`` after one that has seen everything."""
        _say(f"sync with nothing changed, {load.tasks:,} tasks: rendering")
        with served(load) as server, fresh_folder() as folder:
            ours.prepare(folder, server, "departments", "teams", "tasks")
            synced = [
                self._tried(f"sync {nth + 1}", lambda: _synced(load, server, folder))
                for nth in range(1 + self._told.rounds)
            ]
        first, *later = synced
        found = [sample for sample in later if sample]
        return Unchanged(load, first, Median.of(found)) if first and found else None

    def _rounds(self, way: Way) -> int:
        return min(self._told.rounds, self._told.slow_rounds) if way in SLOW else int(self._told.rounds)

    def _measure(self, load: Load, server: Server, way: Way, nth: int) -> None:
        if sample := self._tried(f"round {nth}, {way}", lambda: measured(load, server, way)):
            self.samples.append(sample)
            if way is Way.OURS:
                self.samples.append(landed(sample))

    def _tried(self, name: str, make: Callable[[], Sample]) -> Sample | None:
        try:
            sample = make()
        except Broken as fault:
            self.failures.append(f"{name}: {fault}")
            _say(f"  {name} FAILED: {fault}")
            return None
        took = sample.spent
        _say(
            f"  {name}: {took.wall:.1f} s, {took.cpu:.1f} s CPU, {took.peak:.0f} MB, {sum(sample.calls.values())} calls"
        )
        return sample


def landed(sample: Sample) -> Sample:
    """The part of a pull that the peers do: read, land, make shadows, keep receipts.

    Without the model of it, its history and the published file; its CPU seconds are not told apart.
    """
    seconds = json.loads(sample.spent.said)["seconds"]
    wall = sample.spent.wall - seconds["model"] - seconds["history"] - seconds["publish"]
    return replace(sample, way=Way.LANDED, spent=replace(sample.spent, wall=wall, cpu=math.nan))


def _synced(load: Load, server: Server, folder: Path) -> Sample:
    server.calls()
    took = ours.run(folder, *SYNC, fine=SYNC_CODES)
    return Sample(load, Way.OURS, took, server.calls())


def run(told: argparse.Namespace) -> Results:
    """Run the parts that were asked for."""
    bench = Bench(told)
    if "settings" in told.parts:
        for load in _loads(told):
            bench.setting(load, told.only)
    big = [way for way in told.only if way in (Way.OURS, Way.FLOOR)]
    if "big" in told.parts and big:
        bench.setting(Load(told.big, page=1000), big)
    seen = None
    if "unchanged" in told.parts:
        seen = bench.unchanged(Load(told.tasks, page=1000, teams=told.teams, departments=told.departments))
    return Results(bench.samples, seen, bench.failures)


def _loads(told: argparse.Namespace) -> Iterator[Load]:
    for size in told.pages:
        for latency in told.latency:
            yield Load(told.tasks, size, latency)


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The options. What is not told is that of the whole benchmark, or of ``--quick``."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pull", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2,000 tasks, pages of 100, no latency, one round")
    parser.add_argument("--only", type=_several(Way), metavar="WAYS", help=f"of {', '.join(Way)}")
    parser.add_argument("--parts", type=_several(_part), help=f"of {', '.join(PARTS)}; settings if a choice is made")
    parser.add_argument("--pages", type=_several(int), metavar="SIZES", help="records a page")
    parser.add_argument("--latency", type=_several(int), metavar="MS", help="added to every answer")
    parser.add_argument("--tasks", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--slow-rounds", type=int, default=1, help="of dlt's rest_api source")
    parser.add_argument("--big", type=int, default=BIG, help="tasks of the big part")
    parser.add_argument("--teams", type=int, default=1_000, help="of the part unchanged")
    parser.add_argument("--departments", type=int, default=5_000, help="of the part unchanged")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md even from a part")
    told = parser.parse_args(words)
    chosen = any(getattr(told, name) is not None for name in ("only", "pages", "latency", "tasks", "parts"))
    told.write = told.write or not (told.quick or chosen)
    if chosen and told.parts is None:
        told.parts = ["settings"]
    for name, default in (QUICK if told.quick else WHOLE).items():
        if getattr(told, name) is None:
            setattr(told, name, default)
    told.only = told.only or [way for way in Way if way is not Way.LANDED]
    return told


def _several(form: Callable[[str], T]) -> Callable[[str], list[T]]:
    def read(text: str) -> list[T]:
        return [form(part) for part in text.split(",")]

    return read


def _part(text: str) -> str:
    if text not in PARTS:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(PARTS)}")
    return text


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def main(words: Sequence[str] | None = None) -> None:
    """Measure, print, and write the page where the whole was measured. Figures that are missed are no failure."""
    told = options(words)
    begun = time.monotonic()
    results = run(told)
    sys.stdout.write(console(results))
    if told.write:
        _say(write("bench-pull", page(results, (time.monotonic() - begun) / 60)))


if __name__ == "__main__":
    main()
