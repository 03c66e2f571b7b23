"""``make simulate``: live through worlds for as long as asked, and say what was found."""

import argparse
import sys
import time
from functools import partial
from pathlib import Path

from tests.simulate import docs
from tests.simulate.planted import catalogue
from tests.simulate.points import Points
from tests.simulate.queries import minded
from tests.simulate.runner import BATCH, Sum, all_points, caught, crash_points, ground, lived, seeds, side_by_side
from tests.simulate.switch import fails

SHOWN = 20  # violations that are printed


def main(words: list[str] | None = None) -> int:
    """The command line; 1 where anything was violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulate", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="for how long worlds are begun")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="replay this one, and tell all that happens in it")
    parser.add_argument("--part", choices=("seeds", "points", "planted", "whole"), default="seeds")
    parser.add_argument("--write", action="store_true", help="write the part into docs/reliability.md")
    told = parser.parse_args(words)
    if told.seed is not None:
        return replay(told.seed)
    part = {"seeds": run_seeds, "points": run_points, "planted": run_planted, "whole": run_whole}[told.part]
    text, bad = part(told)
    print(text)  # noqa: T201 - what the command is for
    if told.write:
        print(docs.write(told.part, text))  # noqa: T201 - likewise
    return int(bad)


def replay(seed: int) -> int:
    """One seed, aloud."""
    with ground() as folder, minded():
        found = lived(seed, Path(folder), verbose=True)
    print("\n".join([*found.trace, *(f"VIOLATION {text}" for text in found.violations)]))  # noqa: T201 - as above
    return int(bool(found.violations))


def run_seeds(told: argparse.Namespace) -> tuple[str, bool]:
    """Worlds, seed by seed."""
    began, total = time.monotonic(), Sum()
    tasks = (partial(seeds, first, BATCH) for first in range(told.first, sys.maxsize, BATCH))
    for one in side_by_side(tasks, began + told.seconds):
        assert isinstance(one, Sum)
        total.join(one)
    complain(total.violations)
    return docs.of_seeds(total, told.first, time.monotonic() - began), bool(total.violations)


def run_points(told: argparse.Namespace) -> tuple[str, bool]:
    """Crash points, plan by plan."""
    began, total, large = time.monotonic(), Points(), Points()
    tasks = (partial(crash_points, *one) for one in all_points(0))
    for one in side_by_side(tasks, began + told.seconds):
        assert isinstance(one, Points)
        for where in (total, *([large] if one.size == "30" else [])):
            where.join(one)
    complain(total.violations)
    return docs.of_points(total, large, time.monotonic() - began), bool(total.violations)


def run_planted(told: argparse.Namespace) -> tuple[str, bool]:
    """Planted faults, one by one, each until it is caught."""
    began, rows = time.monotonic(), {}
    most = max(int(told.seconds), 50)  # about a second a hundred seeds, and most are caught before the tenth
    tasks = [partial(caught, one.name, told.first, most) for one in catalogue()]
    for one in side_by_side(tasks, float("inf")):
        assert isinstance(one, tuple)
        rows[one[0]] = (one[1], one[2])
        sys.stderr.flush()
        print(*(one[0], f"seed {one[1]}" if one[1] else "not caught", one[2][:150]), sep="; ", file=sys.stderr)  # noqa: T201 - as above
    missed = [one.name for one in catalogue() if rows[one.name][0] is None and not (one.direct and fails(one.name))]
    complain([f"planted fault {name} was not caught within {most} seeds, nor by a direct test" for name in missed])
    return docs.of_planted(rows, most, time.monotonic() - began), bool(missed)


def run_whole(told: argparse.Namespace) -> tuple[str, bool]:
    """The whole command, killed at its steps; a quarter of the time dlt's loads, killed at each file."""
    from tests.simulate.loads import killed_loads
    from tests.simulate.whole import killed_everywhere

    began = time.monotonic()
    loads = killed_loads(began + told.seconds / 4, told.first)
    found = killed_everywhere(began + told.seconds, told.first)
    complain([*loads.violations, *found.violations])
    return docs.of_whole(found, loads, time.monotonic() - began), bool(loads.violations or found.violations)


def complain(violations: list[str]) -> None:
    """Print what was violated, and how to see it again."""
    for text in violations[:SHOWN]:
        print(f"VIOLATION {text}", file=sys.stderr)  # noqa: T201 - as above
    if violations:
        print(f"{len(violations)} in all; make simulate SEED=n replays a seed", file=sys.stderr)  # noqa: T201 - as above


if __name__ == "__main__":
    sys.exit(main())
