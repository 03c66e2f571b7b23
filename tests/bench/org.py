"""``make bench-org``: how well an organisation is matched, and how fast it is reconciled and planned.

``python -m tests.bench.org``; ``--quick`` takes seconds.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec

from tests.bench.docs import write
from tests.bench.measure import Broken
from tests.bench.org_quality import Trial, trials
from tests.bench.org_report import NO_SPLINK, Asked, Found, console, page
from tests.bench.org_speed import speed

PARTS = ("quality", "speed")
WHOLE = {"seed": [1, 2, 3, 4, 5], "size": 2_000, "departments": 100_000, "tasks": 1_000_000}
QUICK = {"seed": [1], "size": 200, "departments": 1_000, "tasks": 5_000}


def run(told: argparse.Namespace) -> Found:
    """Run the parts that were asked for."""
    found = Found()
    if "quality" in told.parts:
        for seed in told.seed:
            found.trials += _tried(found, seed, told.size, told.splink)
        if not told.splink:
            found.failures.append(NO_SPLINK)
    if "speed" in told.parts:
        _say(f"speed, 3 times {told.departments:,} departments and {told.tasks:,} tasks")
        try:
            found.speed = speed(told.departments, told.tasks, _say)
        except Broken as fault:
            found.failures.append(f"The speed was not measured: {fault}")
    return found


def _tried(found: Found, seed: int, size: int, splink: str | None) -> list[Trial]:
    """All ways over one organisation, as far as they went."""
    _say(f"quality, {size:,} departments a system, seed {seed}")
    done: list[Trial] = []
    try:
        for one in trials(seed, size, splink):
            done.append(one)
            score = one.score
            told = f"precision {score.precision:.4f}, recall {score.recall:.4f}, F1 {score.f1:.4f}"
            _say(f"  {one.way}: {told}, {one.seconds:.1f} s")
    except Broken as fault:
        found.failures.append(f"Seed {seed}: {fault}")
    return done


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The options. What is not told is that of the whole benchmark, or of ``--quick``."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.org", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="200 departments, one seed; 1,000 departments, 5,000 tasks"
    )
    parser.add_argument("--parts", type=lambda text: text.split(","), help=f"of {', '.join(PARTS)}")
    parser.add_argument("--seed", type=lambda text: [int(one) for one in text.split(",")], metavar="SEEDS")
    parser.add_argument("--size", type=int, help="departments of each system, for the quality")
    parser.add_argument("--departments", type=int, help="of each system, for the speed")
    parser.add_argument("--tasks", type=int, help="for the speed")
    parser.add_argument("--splink", metavar="PYTHON", help="a Python that has Splink; this one, where it has it")
    parser.add_argument("--write", action="store_true", help="write its part of docs/performance.md even from a part")
    told = parser.parse_args(words)
    told.write = told.write or not (told.quick or told.parts or any(getattr(told, name) for name in WHOLE))
    told.parts = told.parts or list(PARTS)
    if unknown := [part for part in told.parts if part not in PARTS]:
        parser.error(f"{unknown[0]!r} is not one of {', '.join(PARTS)}")
    told.splink = told.splink or (sys.executable if find_spec("splink") else None)
    for name, default in (QUICK if told.quick else WHOLE).items():
        if getattr(told, name) is None:
            setattr(told, name, default)
    return told


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def main(words: Sequence[str] | None = None) -> None:
    """Measure, print, and write the part where the whole was measured. Figures that are missed are no failure."""
    told = options(words)
    begun = time.monotonic()
    found = run(told)
    sys.stdout.write(console(found))
    if told.write:
        asked = Asked(told.size, told.departments, told.tasks)
        _say(write("bench-org", page(found, asked, (time.monotonic() - begun) / 60)))


if __name__ == "__main__":
    main()
