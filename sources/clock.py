"""Time as a parameter: everything that waits or stamps takes a clock, so that tests own it."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Wall time for stamps, monotonic seconds for waits, and the wait itself."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Hurried:
    """A clock that waits for nothing: where it should, it goes ahead by as much. May be asked from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = 0.0
        self._turn = threading.Lock()

    def now(self) -> datetime:
        """The present moment, with all that was not waited for behind it."""
        return self._clock.now() + timedelta(seconds=self._ahead)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return self._clock.monotonic() + self._ahead

    def sleep(self, seconds: float) -> None:
        """Go ahead."""
        with self._turn:
            self._ahead += seconds


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
