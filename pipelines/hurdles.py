"""What stands in a connection's way while a plan is applied: "later", a used-up day, a closed door, silence."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mappings.plan import Change
from pipelines.budget import utc
from pipelines.errors import Exit
from pipelines.run import Run
from pipelines.writing import Ending, Result
from sources.errors import Denied, Exhausted, NotSent, Throttled, VendorError
from sources.waiting import nap

UNKNOWNS = 3  # writes without an answer, after which nothing more is sent to a connection
LATER = timedelta(seconds=60)  # for a vendor that says "later" and not when


@dataclass(slots=True)
class Hurdles:
    """By connection: why nothing more is sent to it in this run (``closed``), and when it may go on (``paused``).

    ``until``: when patience ends. ``later``: the connections that are closed and would only have had to wait.
    """

    run: Run
    until: datetime
    closed: dict[str, str] = field(default_factory=dict)
    paused: dict[str, datetime] = field(default_factory=dict)
    later: set[str] = field(default_factory=set)
    _unknowns: Counter[str] = field(default_factory=Counter)

    def why(self, connection: str) -> str:
        """Why nothing more is begun there; empty where something may be."""
        return self.run.stopped or self.closed.get(connection, "")

    def met(self, change: Change, fault: VendorError) -> Result | None:
        """How a change ends that met a fault; None where it waits."""
        name, text = change.connection, str(fault)
        if isinstance(fault, Exhausted | Throttled):
            return self._later(change, fault)
        if isinstance(fault, Denied | NotSent):  # nobody lets us in, or nobody is there
            self.closed[name] = text
            return Result(change, Ending.FAILED, change.source_id, text, Exit.CONNECTION)
        return Result(change, Ending.FAILED, change.source_id, text)

    def _later(self, change: Change, fault: Exhausted | Throttled) -> Result | None:
        name, text = change.connection, str(fault)
        again = _moment(fault, self.run.clock.now())
        if again <= self.until and not self.run.stopped:
            self.paused[name] = max(again, self.paused.get(name, again))
            self.run.say(f"{name}: waits until {utc(again)}: {text}")
            return None
        self.later.add(name)
        if isinstance(fault, Throttled):
            text += f"; a run after {utc(again)} goes on" if fault.after else "; the next run goes on"
        self.closed[name] = text
        return Result(change, Ending.SKIPPED, change.source_id, self.closed[name], Exit.PERSON)

    def no_answer(self, connection: str) -> None:
        """Count a write that has no answer: after a few there is no sense in more, and each is work for somebody."""
        self._unknowns[connection] += 1
        if self._unknowns[connection] == UNKNOWNS:
            text = f"{UNKNOWNS} writes had no usable answer: nothing more is sent to {connection} in this run"
            self.closed.setdefault(connection, text)

    def wait(self) -> None:
        """Sleep until the first connection may go on, or somebody wants the run to stop."""
        clock, until = self.run.clock, min(self.paused.values())

        def left() -> float:
            return (until - clock.now()).total_seconds()

        nap(clock, left, lambda: bool(self.run.stopped))
        now = clock.now()
        self.paused = {name: at for name, at in self.paused.items() if at > now and not self.run.stopped}


def _moment(fault: Exhausted | Throttled, now: datetime) -> datetime:
    """When it may be tried again."""
    if isinstance(fault, Exhausted):
        return fault.again or now + LATER
    return now + (LATER if fault.after is None else timedelta(seconds=fault.after))
