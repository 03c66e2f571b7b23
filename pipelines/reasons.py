"""Why a run ended as it did, for people who are told from afar: counts and reasons, no record's name or value."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.errors import Exit, Unsound, UsageError
from pipelines.run import Run
from state.errors import StateError
from state.waiting import waiting

UNLOADED = "unloaded"  # destinations that could not be brought in step
LONG = 300  # letters of a reason that are told


def of_fault(fault: BaseException) -> tuple[str, ...]:
    """Why a command broke off. Of a fault of our own only its kind: its text may hold what a record says."""
    if isinstance(fault, Unsound):
        names = ", ".join(str(one["audit"]) for one in fault.audits)
        return (f"the model breaks its own laws ({names}); nothing was sealed, applied or published",)
    if isinstance(fault, (UsageError, StateError)):
        return (_short(str(fault)),)
    return (f"a fault of orgweave itself: {type(fault).__name__}; the traceback is in orgweave.log",)


def of_run(run: Run) -> tuple[str, ...]:
    """Why a run that came to its end did not end with 0."""
    if run.exit == Exit.DONE:
        return ()
    told = [
        *unread(run),
        *(f"publish.{name}: not loaded; the run's log says why" for name in run.summary.get(UNLOADED, ())),
    ]
    if run.exit == Exit.GUARD and not told:
        told.append("the plan is over [limits], or an account is another one than before; nothing was written")
    rules = run.safety.rules_of_run(run.run_id)
    told += [f"{number} changes {status}: {rule}" for (status, rule), number in rules.items()]
    results: Mapping[str, int] = run.summary.get("apply", {})
    told += [f"{number} changes {ending}" for ending, number in results.items() if number and ending != "done"]
    proposals, conflicts = waiting(run.working)
    told += [f"{proposals} proposed matches wait for a person"] if proposals else []
    told += [f"{conflicts} conflicts wait for a person"] if conflicts else []
    return tuple(told) or (f"it ended with exit code {int(run.exit)}; see: orgweave runs {run.run_id[:8]}",)


def unread(run: Run) -> Iterator[str]:
    """The accounts that could not be read whole, each with why."""
    pull: Mapping[str, Any] = run.summary.get("pull", {})
    yield from (_short(f"{name}: {one['reason']}") for name, one in pull.items() if not one["complete"])


def counts(run: Run, code: int) -> dict[str, Any]:
    """What the run did, in numbers."""
    if code in (Exit.FAULT, Exit.USAGE):
        return {}
    proposals, conflicts = waiting(run.working)
    plan: Mapping[str, Any] = run.summary.get("plan", {})
    return {
        "plan": {status: number for status, number in plan.items() if status != "by"},
        "apply": dict(run.summary.get("apply", {})),
        "proposals": proposals,
        "conflicts": conflicts,
        "open_writes": len(run.safety.open_intents()),
    }


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONG else line[: LONG - 1] + "…"
