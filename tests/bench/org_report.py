"""What ``make bench-org`` found: tables, figures beside their targets, and its part of the page for people."""

import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from statistics import fmean

from tests.bench.org_quality import OURS, Matched, Trial
from tests.bench.org_speed import CHANGED, FIRST, UNCHANGED, Speed
from tests.bench.orgs_noise import RATES
from tests.bench.orgs_words import WORDS
from tests.bench.report import aligned, cores

UNITS = {FIRST: 60.0, UNCHANGED: 4.0, CHANGED: 10.0}
PEAK = 3 * 1024.0  # MB, under
PRECISION, RECALL = 0.999, 0.97
NO_SPLINK = (
    "Splink was not measured: it needs a Python of its own, since it and dlt want different versions of sqlglot. "
    "`python -m venv FOLDER`, `FOLDER/bin/pip install 'splink>=5,<6'`, `make bench-org SPLINK=FOLDER/bin/python`."
)
PAGE = """\
# How well an organisation is matched, and how fast

`make bench-org` measured this and wrote this part; do not edit it.

## What was measured

**Quality.** Made-up organisations of {size:,} departments in each of three systems, whose true pairs are known: two
trees in Udesk's terms, and a flat one in ScalePad's, where names are unique and namesakes are told apart by the
shortest path, as its users write it ("Europe / Support"). Seven departments in ten have namesakes, on all levels.
Every system has noise of its own, befalling its records independently:

{noise}

The words are some {words}, each with its usual name, a short form, other names and a Chinese one. The operator's
aliases join usual name, acronym and Chinese name of three quarters of them; every way of matching gets these aliases,
and names that are folded (case, width, blanks, characters that nobody sees). Pairs are counted across systems. Seeds
{seeds}; the table shows their mean, the figures below the worst of them.

- **linked by itself**: what a run links without asking. **Linked, or proposed first**: what waits for a person too,
  taken for its first candidate. **Among the proposed**: for the right one, where it is a candidate at all.
- **exact name**: every pair of one name; or only names that no other record of either system has.
- **Splink** 5 on DuckDB, which learns from the records alone: name (a rare one counts more), parent's name, what is
  above that (of a flat name what it tells), at the one threshold with the best F1, which nobody without the labels
  could pick; and the same for pairs that are the likeliest of each other. It says itself that it is made for records
  of several columns that tell different things.

**Speed.** {departments:,} departments in each of three systems and {tasks:,} tasks, put into the working database as a
pull leaves them; then what `orgweave plan` does, in a process of its own, whose peak of memory is told: for the first
time, with everything to be matched, linked and founded; again; and after one record in a hundred changed. A unit is
what DuckDB alone takes for a full join of the same rows with hashes computed on the fly, in the same run. Each run is
tried three times from the same state, a unit is the median of five rounds right after each try, and the try of the
middling number of units is shown. Keeping history and publishing are the command's last step, and count apart.

Measured on {cores} cores, Python {python}, duckdb {duckdb}, rapidfuzz {rapidfuzz}.

## Results

{tables}

## Figures to reach

{figures}
{failures}
## Run it

```
make bench-org                                           # everything; took {minutes} min here
.venv/bin/python -m tests.bench.org --quick              # small ones, in seconds; writes nothing
.venv/bin/python -m tests.bench.org --parts quality --seed 7,8,9 --splink FOLDER/bin/python
```
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """How large the organisations are: departments a system for the quality; departments and tasks for the speed."""

    size: int
    departments: int
    tasks: int


@dataclass(slots=True)
class Found:
    """What was measured. ``failures``: what did not run, in words."""

    trials: list[Trial] = field(default_factory=list)
    speed: Speed | None = None
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Target:
    """One figure beside its target; ``above``: it must be more than that."""

    text: str
    here: float
    bound: float
    unit: str
    above: bool = False

    @property
    def reached(self) -> bool:
        """Whether the target is met."""
        return self.here >= self.bound if self.above else self.here <= self.bound


def targets(found: Found) -> list[Target]:
    """Every figure that can be told from what was measured."""
    return [*_quality(found.trials), *(_speed(found.speed) if found.speed else ())]


def _quality(trials: Sequence[Trial]) -> Iterator[Target]:
    if not trials:
        return
    linked, proposed = ([one.score for one in trials if one.way is way] for way in (Matched.LINKED, Matched.PROPOSED))
    yield Target("precision of what is linked by itself", min(s.precision for s in linked), PRECISION, "", above=True)
    yield Target("recall of linked and proposed first", min(s.recall for s in proposed), RECALL, "", above=True)
    for way in (one for one in Matched if one not in OURS):
        gains = [_f1(trials, one.seed, Matched.PROPOSED) - one.score.f1 for one in trials if one.way is way]
        if gains:
            yield Target(f"F1 more than that of {way}", min(gains), 0.0, "", above=True)


def _f1(trials: Sequence[Trial], seed: int, way: Matched) -> float:
    return next(one.score.f1 for one in trials if (one.seed, one.way) == (seed, way))


def _speed(speed: Speed) -> Iterator[Target]:
    for step in speed.steps:
        yield Target(f"units to reconcile and plan, {step.name}", step.units, UNITS[step.name], "x")
    yield Target("peak memory", max(step.peak for step in speed.steps), PEAK, "MB")


def tables(found: Found, mark: str = "") -> str:
    """The tables, each under its title. ``mark``: what stands before a title."""
    parts = []
    if found.trials:
        seeds = sorted({one.seed for one in found.trials})
        parts.append(f"{mark}Quality, {len(seeds)} organisations\n\n{_qualities(found.trials)}")
    if found.speed:
        parts.append(f"{mark}Speed, {found.speed.rows:,} rows\n\n{_steps(found.speed)}")
    return "\n\n".join(parts)


def _qualities(trials: Sequence[Trial]) -> str:
    rows = []
    for way in Matched:
        if mine := [one for one in trials if one.way is way]:
            shares = [[getattr(one.score, part) for one in mine] for part in ("precision", "recall", "f1")]
            rows.append((way, *(f"{fmean(one):.4f}" for one in shares), f"{fmean(one.seconds for one in mine):.1f}"))
    if Matched.SPLINK not in {one.way for one in trials}:
        rows.append(("Splink: not installed, see below", *"----"))
    return aligned(("way", "precision", "recall", "F1", "s"), rows)


def _steps(speed: Speed) -> str:
    rows = [
        (
            step.name,
            f"{step.reconcile:.1f}",
            f"{step.plan:.1f}",
            f"{step.unit:.2f}",
            f"{step.units:.1f}",
            f"{step.finish:.1f}",
            f"{step.peak:,.0f}",
            f"{step.changes:,}",
        )
        for step in speed.steps
    ]
    return aligned(
        ("run", "reconcile s", "plan s", "unit s", "units", "history, publish s", "MB", "changes planned"), rows
    )


def figures(found: Found) -> str:
    """The figures beside their targets."""
    rows = [
        (
            one.text,
            _amount(one.here, one.unit),
            f"{'>=' if one.above else '<='} {_amount(one.bound, one.unit)}",
            "reached" if one.reached else "missed",
        )
        for one in targets(found)
    ]
    return aligned(("orgweave", "here", "target", ""), rows) if rows else ""


def _amount(value: float, unit: str) -> str:
    return {"x": f"{value:.1f}", "MB": f"{value:,.0f} MB"}.get(unit, f"{value:.4f}")


def noise() -> str:
    """The rates of noise."""
    rows = [
        ("another common name, or a short form", _share(RATES.renamed), "names with a word"),
        ("the Chinese name", _share(RATES.translated), "names that are a word"),
        ("a typo: two letters swapped, one dropped or doubled", _share(RATES.typo), "records"),
        ("another case", _share(RATES.case), "records"),
        ("full width", _share(RATES.width), "records"),
        ("blanks, or characters that nobody sees", _share(RATES.blanks), "records"),
        ("standing elsewhere, with all below", _share(RATES.moved), "records of one tree"),
        ("absent, with all below", _share(RATES.absent), "records"),
    ]
    return aligned(("noise", "share", "of"), rows)


def _share(rate: float) -> str:
    return f"{rate:.0%}"


def console(found: Found) -> str:
    """Everything that was found, for a terminal."""
    return "\n\n".join(part for part in (tables(found), figures(found), *found.failures) if part) + "\n"


def page(found: Found, asked: Asked, minutes: float) -> str:
    """The part of the page for people, Markdown."""
    return PAGE.format(
        size=asked.size,
        departments=asked.departments,
        tasks=asked.tasks,
        words=len(WORDS),
        seeds=", ".join(map(str, sorted({one.seed for one in found.trials}))),
        noise=noise(),
        cores=cores(),
        python=platform.python_version(),
        duckdb=version("duckdb"),
        rapidfuzz=version("rapidfuzz"),
        tables=tables(found, "### "),
        figures=figures(found),
        failures="".join(f"\n{line}\n" for line in found.failures),
        minutes=max(round(minutes), 1),
    )
