"""``[workspace] keep_runs``: what a workspace holds beyond its last runs goes. The safety record keeps all of it.

Landed records are not of it: a later full read takes their place (``state/raw.py``).
"""

from contextlib import suppress

from pipelines.run import Run
from state.plans import PlanRow

LOG_BYTES = 1024 * 1024  # the log of faults is put aside from this size on, in the place of the one before it


def trim(run: Run) -> None:
    """Remove sealed plans that are old, and bound the log of faults."""
    _trim_plans(run)
    log = run.config.workspace / "orgweave.log"
    if log.is_file() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_name("orgweave.log.1"))


def _trim_plans(run: Run) -> None:
    plans = run.safety.plans()
    kept = {one.plan_id for number, one in enumerate(plans) if number < run.config.operating.keep_runs or _wanted(one)}
    if plans:
        kept.add(plans[0].plan_id)
    known = {one.plan_id for one in plans}
    for file in (run.config.workspace / "plans").glob("*.json"):
        if file.stem in known - kept:
            with suppress(FileNotFoundError):
                file.unlink()


def _wanted(one: PlanRow) -> bool:
    """A plan that was cut off may be gone on with."""
    return one.used_at is not None and one.ended_at is None
