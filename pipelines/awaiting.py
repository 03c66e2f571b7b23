"""How long a write without an answer may still take effect, and what a person is told of it meanwhile."""

from datetime import datetime, timedelta

from mappings.model import Op
from pipelines.budget import utc
from pipelines.run import Run
from state.safety import OpenIntent

UNDER_WAY = timedelta(hours=1)  # the longest that a begun write is thought to wait for its turn, where a run was killed
UNANSWERED = "no answer yet, and may still take effect. What to do: orgweave sync looks for it, and says until when"
ABSENT_READS = 2  # whole reads after the settle time that must agree before a write counts as not done


def settled_at(run: Run, open_: OpenIntent) -> datetime | None:
    """The moment from which a write can take effect no more; None while the run that sent it is not over.

    It may have waited long for its turn after its begin, and counts from when its run was over.
    """
    if open_.over_at is None:
        return None
    return min(open_.over_at, open_.intent.begun_at + UNDER_WAY) + run.config.settle


def awaited(run: Run, open_: OpenIntent) -> str:
    """What a write without an answer waits for, in words, and when to run again."""
    now = run.clock.now()
    at = settled_at(run, open_) or now + run.config.settle
    left = max(ABSENT_READS - open_.absent_reads, 1)
    when = f"after {utc(at)}" if at > now else "now"
    again = f"again {when}" if left == 1 else f"again {when}, and once more after that"
    done = "made" if open_.intent.op == Op.CREATE else "written"
    return (
        f"an earlier {open_.intent.op} at {open_.intent.connection} had no answer, and may still take effect. What to "
        f"do: run this {again}: it is adopted where it shows, and {done} anew where {ABSENT_READS} reads then do not "
        "show it"
    )
