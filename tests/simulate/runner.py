"""Worlds by the thousand, in as many processes as there are cores, for as long as asked."""

import gc
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.simulate.lives import Outcome, live
from tests.simulate.planted import named
from tests.simulate.points import PLANS, SMALL, THIRTY, Points, Size, points
from tests.simulate.queries import minded

UNSURE = frozenset({"outcome_unknown", "open create"})
BATCH = 25  # seeds that a process lives through before it reports
MEMORY = Path("/dev/shm")  # noqa: S108 - nothing of a world must outlive it, and its files are in a folder of our own


@dataclass
class Sum:
    """What many worlds came to. ``unsure``: seeds that end with a write nobody knows the outcome of; ``asked``: with a
    question of matching; ``seconds``: of the processors' time.
    """

    seeds: int = 0
    violations: list[str] = field(default_factory=list)
    unsure: int = 0
    asked: int = 0
    renamed: int = 0
    steps: int = 0
    kills: int = 0
    runs: int = 0
    writes: int = 0
    edits: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, one: Outcome) -> None:
        """Count a world."""
        self.seeds += 1
        self.violations += [f"seed {one.seed}: {text}" for text in one.violations]
        self.unsure += not UNSURE.isdisjoint(one.left)
        self.asked += any(why not in UNSURE for why in one.left)
        for name in ("renamed", "steps", "kills", "runs", "writes", "edits"):
            setattr(self, name, getattr(self, name) + getattr(one, name))
        self.faults.update(one.faults)

    def join(self, other: "Sum") -> None:
        """Take another one's worlds in."""
        for name in ("seeds", "unsure", "asked", "renamed", "steps", "kills", "runs", "writes", "edits", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.violations += other.violations
        self.faults.update(other.faults)


def ground() -> "TemporaryDirectory[str]":
    """A folder for worlds, in memory where the system has such a place."""
    return TemporaryDirectory(prefix="worlds-", dir=MEMORY if MEMORY.is_dir() else None)


def lived(seed: int, folder: Path, *, verbose: bool = False) -> Outcome:
    """A world to its end. One that stops with an exception counts as a violation."""
    try:
        return live(seed, folder, verbose=verbose)
    except Exception as fault:
        return Outcome(seed, [f"stopped by {type(fault).__name__}: {str(fault)[:300]}"])


def seeds(first: int, number: int) -> Sum:
    """Live through these seeds."""
    found, began = Sum(), time.process_time()
    gc.disable()  # worlds are small and short; a look among them for garbage takes a tenth of the time
    with ground() as folder, minded():
        for seed in range(first, first + number):
            found.add(lived(seed, Path(folder)))
    gc.collect()
    found.seconds = time.process_time() - began
    return found


def crash_points(plan: int, seed: int, size: Size, every: int) -> Points:
    """The points of a plan."""
    with ground() as folder, minded():
        found = points(PLANS[plan], seed, Path(folder), every=every, size=size)
    gc.collect()
    return found


def caught(name: str, first: int, most: int) -> tuple[str, int | None, str]:
    """Whether a planted fault is found: its name, how many seeds that took, and what was seen."""
    with ground() as folder, minded(), named(name).switched_on():
        for number in range(1, most + 1):
            gone = lived(first + number - 1, Path(folder) / str(number))
            if gone.violations:
                return name, number, gone.violations[0]
    return name, None, ""


def side_by_side(tasks: Iterable[Callable[[], object]], until: float) -> Iterator[object]:
    """Carry tasks out, one a core, and begin none after ``until`` (monotonic); results as they come."""
    waiting: set[Future[object]] = set()
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores) as pool:
        for task in tasks:
            if time.monotonic() >= until:
                break
            waiting.add(pool.submit(task))
            if len(waiting) > cores:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (one.result() for one in done)
        for one in waiting:
            yield one.result()


def all_points(rounds: int) -> Iterator[tuple[int, int, Size, int]]:
    """Which points to try: every one of the plans of 30 changes, planned anew and resumed, then of small plans."""
    for seed in (0, 1):
        for plan in range(len(PLANS)):
            yield plan, seed, THIRTY, 1
    for seed in count(2) if not rounds else range(2, 2 + rounds):
        for plan in range(len(PLANS)):
            yield plan, seed, SMALL, 1
