"""The speed of reconciling and planning, in units of what DuckDB alone takes to compare the same rows."""

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.measure import fresh_folder, spent


@dataclass(frozen=True, slots=True)
class Step:
    """One run: seconds of its parts, MB at the peak of its whole process, and what it planned."""

    name: str
    reconcile: float
    plan: float
    finish: float
    peak: float
    changes: int

    @property
    def seconds(self) -> float:
        """What counts."""
        return self.reconcile + self.plan


@dataclass(frozen=True, slots=True)
class Speed:
    """Runs over so many rows; ``unit``: seconds of DuckDB's own comparison of them."""

    rows: int
    unit: float
    steps: tuple[Step, ...]


FIRST, UNCHANGED, CHANGED = "first", "nothing changed", "1 % changed"
TRIES = 3  # of each run, every one from the same state


def speed(departments: int, tasks: int, say: Callable[[str], None]) -> Speed:
    """Measure; of each run the one of middling time. Raises ``Broken`` where a step fails."""
    with fresh_folder() as folder:
        sizes = (f"--departments={departments}", f"--tasks={tasks}")
        here = folder / "landed"
        here.mkdir()
        landed, _ = _step(here, "land", *sizes)
        say(f"  {landed['rows']:,} rows landed")
        steps, rounds = list[Step](), list[float]()
        for name in (FIRST, UNCHANGED, CHANGED):
            if name == CHANGED:
                _step(here, "change", *sizes)
            places = [here if name == UNCHANGED else folder / f"{len(steps)}-{number}" for number in range(TRIES)]
            tried = [_tried(here, place, name, rounds, say) for place in places]
            steps.append(sorted(tried, key=lambda step: step.seconds)[TRIES // 2])
            here = places[-1]
        say(f"  a unit is {median(rounds):.2f} s ({min(rounds):.2f} to {max(rounds):.2f})")
    return Speed(landed["rows"], median(rounds), tuple(steps))


def _tried(state: Path, place: Path, name: str, rounds: list[float], say: Callable[[str], None]) -> Step:
    """One try in a copy of the state, and what a unit takes beside it: a machine is not as fast all the time."""
    if place != state:
        shutil.copytree(state, place)
    step = _planned(place, name, say)
    unit, _ = _step(place, "unit")
    rounds += unit["rounds"]
    return step


def _planned(folder: Path, name: str, say: Callable[[str], None]) -> Step:
    told, peak = _step(folder, "plan")
    seconds = {part: told[part] for part in ("reconcile", "plan", "finish")}
    say(f"  {name}: {', '.join(f'{part} {one:.1f} s' for part, one in seconds.items())}, {peak:.0f} MB")
    return Step(name, **seconds, peak=peak, changes=told["changes"])


def _step(folder: Path, *words: str) -> tuple[Mapping[str, Any], float]:
    """Run a step as a process: what it told, and its peak."""
    command = [sys.executable, "-m", "tests.bench.org_steps", words[0], str(folder), *words[1:]]
    root = str(Path(__file__).parents[2])
    took = spent(command, folder, {"PYTHONPATH": root})
    return json.loads(took.said.splitlines()[-1]), took.peak
