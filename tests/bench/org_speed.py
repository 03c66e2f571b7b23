"""The speed of reconciling and planning, in units of what DuckDB alone takes to compare the same rows."""

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.measure import fresh_folder, spent


@dataclass(frozen=True, slots=True)
class Step:
    """One run: seconds of its parts, of a unit beside it, MB at the peak of its whole process, and what it planned."""

    name: str
    reconcile: float
    plan: float
    finish: float
    unit: float
    peak: float
    changes: int

    @property
    def seconds(self) -> float:
        """What counts."""
        return self.reconcile + self.plan

    @property
    def units(self) -> float:
        """The same, in what DuckDB's own comparison of the rows took right after."""
        return self.seconds / self.unit


@dataclass(frozen=True, slots=True)
class Speed:
    """Runs over so many rows."""

    rows: int
    steps: tuple[Step, ...]


FIRST, UNCHANGED, CHANGED = "first", "nothing changed", "1 % changed"
TRIES = 3  # of each run, every one from the same state


def speed(departments: int, tasks: int, say: Callable[[str], None]) -> Speed:
    """Measure; of each run the middling try. Raises ``Broken`` where a step fails."""
    with fresh_folder() as folder:
        sizes = (f"--departments={departments}", f"--tasks={tasks}")
        here = folder / "landed"
        here.mkdir()
        landed, _ = _step(here, "land", *sizes)
        say(f"  {landed['rows']:,} rows landed")
        steps = list[Step]()
        for name in (FIRST, UNCHANGED, CHANGED):
            if name == CHANGED:
                _step(here, "change", *sizes)
            places = [here if name == UNCHANGED else folder / f"{len(steps)}-{number}" for number in range(TRIES)]
            steps.append(sorted((_tried(here, place, name, say) for place in places), key=_units)[TRIES // 2])
            here = places[-1]
    return Speed(landed["rows"], tuple(steps))


def _units(step: Step) -> float:
    return step.units


def _tried(state: Path, place: Path, name: str, say: Callable[[str], None]) -> Step:
    """One try, in a copy of the state."""
    if place != state:
        shutil.copytree(state, place)
    told, peak = _step(place, "plan")
    unit, _ = _step(place, "unit")
    seconds = {part: told[part] for part in ("reconcile", "plan", "finish")}
    step = Step(name, **seconds, unit=unit["seconds"], peak=peak, changes=told["changes"])
    parts = ", ".join(f"{part} {one:.1f} s" for part, one in seconds.items())
    say(f"  {name}: {parts}, {peak:.0f} MB; a unit {step.unit:.2f} s, so {step.units:.1f} units")
    return step


def _step(folder: Path, *words: str) -> tuple[Mapping[str, Any], float]:
    """Run a step as a process: what it told, and its peak."""
    command = [sys.executable, "-m", "tests.bench.org_steps", words[0], str(folder), *words[1:]]
    root = str(Path(__file__).parents[2])
    took = spent(command, folder, {"PYTHONPATH": root})
    return json.loads(took.said.splitlines()[-1]), took.peak
