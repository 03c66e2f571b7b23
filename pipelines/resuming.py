"""Go on with a plan whose apply was cut off: what is settled stays, what has no answer waits, the rest is made."""

from mappings.plan import Change, Plan
from pipelines.awaiting import UNANSWERED
from pipelines.run import Run
from pipelines.writing import Ending, Result
from state.plans import PlanRow, Tried
from state.safety import Outcome

_ENDED = {
    Outcome.DONE: Ending.DONE,
    Outcome.ADOPTED: Ending.DONE,
    Outcome.STALE: Ending.STALE,
    Outcome.FAILED: Ending.FAILED,
}


def resumable(run: Run, kept: PlanRow) -> bool:
    """Whether a plan was cut off and nothing was planned, applied or decided since."""
    newest = run.safety.newest_plan()
    if kept.used_at is None or kept.ended_at is not None or newest is None or newest.plan_id != kept.plan_id:
        return False
    return run.safety.generation == kept.generation + 1  # which its own use counts


def settled(run: Run, plan: Plan) -> dict[str, Result]:
    """What an earlier run did of a plan: change id → its result. A write that never left is missing: it is still to do.

    To be asked after a pull of its targets, which settles what had no answer.
    """
    tried = run.safety.tried(plan.plan_id)
    found = ((change, tried[change.id]) for change in plan.ready() if change.id in tried)
    return {change.id: result for change, one in found if (result := _result(change, one))}


def _result(change: Change, one: Tried) -> Result | None:
    if one.outcome is None:
        return Result(change, Ending.UNKNOWN, one.source_id, f"it has {UNANSWERED}")
    ending = _ENDED.get(Outcome(one.outcome))
    return Result(change, ending, one.source_id, one.error) if ending else None
