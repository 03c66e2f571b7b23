"""The speed of reconciling and planning, in units of what DuckDB alone takes to compare the same rows."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
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


def speed(departments: int, tasks: int, say: Callable[[str], None]) -> Speed:
    """Measure. Raises ``Broken`` where a step fails."""
    with fresh_folder() as folder:
        sizes = (f"--departments={departments}", f"--tasks={tasks}")
        landed, _ = _step(folder, "land", *sizes)
        say(f"  {landed['rows']:,} rows landed")
        steps = [_planned(folder, FIRST, say), _planned(folder, UNCHANGED, say)]
        _step(folder, "change", *sizes)
        steps.append(_planned(folder, CHANGED, say))
        unit, _ = _step(folder, "unit")
        say(f"  a unit is {unit['seconds']:.2f} s: {unit['differing']:,} of {unit['rows']:,} rows differ")
    return Speed(landed["rows"], unit["seconds"], tuple(steps))


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
