"""The daily budget of writes of one connection, remembered across runs by the safety record."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sources.clock import Clock
from sources.errors import Exhausted
from state.safety import SafetyRecord, Spent

T = TypeVar("T")

_paid: ContextVar[list[int] | None] = ContextVar("the writes of this call that were counted before it", default=None)


def prepaid(numbers: list[int], act: Callable[[], T]) -> T:
    """Act, with these writes counted already; what is left of ``numbers`` afterwards was not needed."""
    token = _paid.set(numbers)
    try:
        return act()
    finally:
        _paid.reset(token)


@dataclass(frozen=True, slots=True)
class Budget:
    """A connection's writes in any 24 hours; ``per_day`` None: they are counted, and none is refused."""

    safety: SafetyRecord
    connection: str
    per_day: int | None
    clock: Clock

    def spent(self) -> Spent | None:
        """What is used up of it, None where there is no limit."""
        return self.safety.spent(self.connection, self.per_day, self.clock.now()) if self.per_day else None

    def check(self) -> None:
        """Raise ``Exhausted``, with the moment from which the next write may leave, where none is left."""
        spent = self.spent()
        if spent is not None and spent.again is not None:
            text = (
                f"the day's budget of {self.connection} is used up: {spent.used} of {spent.budget} writes were sent in "
                f"the last 24 hours; the next one is allowed from {utc(spent.again)} on, and any run after that goes on"
            )
            raise Exhausted(text, spent.again)

    def take(self) -> int:
        """Count one write that is about to leave; its number. Raises ``Exhausted``."""
        if numbers := _paid.get():
            return numbers.pop()
        self.check()
        return self.safety.count_write(self.connection, self.clock.now())

    def give_back(self, number: int) -> None:
        """Take back a write that provably never left."""
        self.safety.uncount_write(number)


def utc(at: datetime) -> str:
    """A moment to the second, rounded up: whoever comes then is not too early."""
    whole = at + timedelta(microseconds=-at.microsecond % 1_000_000)
    return f"{whole:%Y-%m-%d %H:%M:%S} UTC"
