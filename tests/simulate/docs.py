"""docs/reliability.md: each part of the simulation replaces its own, between marks, and leaves the others alone."""

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.docs import replaced
from tests.simulate.planted import catalogue
from tests.simulate.points import Points
from tests.simulate.runner import Sum

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


def write(part: str, text: str) -> str:
    """Write a part; the line that says so."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    PAGE.write_text(replaced(page, f"simulate {part}", text + "\n"), encoding="utf-8")
    return f"written: docs/{PAGE.name}, {part}"


def _where(seconds: float) -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {seconds:,.0f} s of wall time"


def _table(rows: list[tuple[str, str]]) -> str:
    return "\n".join(["| what | how many |", "|---|---:|", *(f"| {what} | {many} |" for what, many in rows)])


def of_seeds(total: Sum, first: int, seconds: float) -> str:
    """The figures of worlds."""
    share = 100 / max(total.seeds, 1)
    rows = [
        ("seeds (worlds)", f"{total.seeds:,}, from {first}"),
        ("**violations**", f"**{len(total.violations)}**"),
        ("ends with a write whose outcome only a person can tell", f"{total.unsure} ({total.unsure * share:.2f} %)"),
        (
            "ends with a question of matching, as people's own edits raise",
            f"{total.asked} ({total.asked * share:.2f} %)",
        ),
        ("twins of records that a person gave another's name before anybody looked", f"{total.renamed}"),
        ("steps at which a process could die", f"{total.steps:,}"),
        ("processes killed", f"{total.kills:,}"),
        ("runs", f"{total.runs:,}"),
        ("writes sent", f"{total.writes:,}"),
        ("edits by people", f"{total.edits:,}"),
        ("faults", f"{sum(total.faults.values()):,}"),
        ("seeds a second and core", f"{total.seeds / max(total.seconds, 0.001):.1f}"),
    ]
    kinds = ", ".join(f"{kind} {many:,}" for kind, many in sorted(total.faults.items()))
    return f"{_table(rows)}\n\nFaults by kind: {kinds}.\n\n`make simulate SECONDS=…`; {_where(seconds)}."


def of_points(total: Points, large: Points, seconds: float) -> str:
    """The figures of crash points."""
    rows = [
        ("crash points and lost answers of plans of 30 changes", f"{large.tried:,}"),
        ("the same of all plans", f"{total.tried:,}"),
        ("**violations** (twins, lost edits, no convergence)", f"**{len(total.violations)}**"),
        ("left to a person", f"{total.left}"),
    ]
    return f"{_table(rows)}\n\n`make simulate PART=points SECONDS=…`; {_where(seconds)}."


def of_planted(rows: Mapping[str, tuple[int | None, str]], most: int, seconds: float) -> str:
    """Which planted faults are caught, and by what."""
    lines = ["| planted fault | the defence that it takes away | caught by |", "|---|---|---|"]
    for one in catalogue():
        number, _ = rows[one.name]
        by = f"seed {number}" if number else f"masked; {one.direct}" if one.direct else f"**nothing in {most} seeds**"
        lines.append(f"| `{one.name}` | {one.what} | {by} |")
    found = sum(number is not None for number, _ in rows.values())
    told = f"{found} of {len(lines) - 2} are caught by the simulation within {most} seeds, the others by a direct test."
    table = "\n".join(lines)
    return f"{told}\n\n{table}\n\n`make simulate PART=planted SECONDS={most}`; {_where(seconds)}."


def of_whole(found: Points, loads: Points, seconds: float) -> str:
    """The figures of the whole command, and of dlt's loads by themselves."""
    rows = [
        ("runs of the whole command that were killed (SIGKILL), or lost their working file", f"{found.tried:,}"),
        ("loads of dlt that were killed at a touch of a file, a first one and a later one", f"{loads.tried:,}"),
        ("**violations**", f"**{len(found.violations) + len(loads.violations)}**"),
        ("left to a person", f"{found.left}"),
    ]
    return f"{_table(rows)}\n\n`make simulate PART=whole SECONDS=…`; {_where(seconds)}."
