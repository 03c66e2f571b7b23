"""Time as the simulated world has it: it moves when somebody waits, and what is due then happens."""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


class SimClock:
    """Starts at 2026-03-01T08:00Z; ``later`` lets something happen in the vendors' world at its own moment."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Move on, and let everything that falls due on the way happen when it is due."""
        end = self.seconds + seconds
        while self._due and self._due[0][0] <= end:
            moment, _, happen = heapq.heappop(self._due)
            self.seconds = max(self.seconds, moment)
            happen()
        self.seconds = end

    def later(self, seconds: float, happen: Callable[[], None]) -> None:
        """Let this happen so many seconds from now, if anybody lives that long."""
        self._number += 1
        heapq.heappush(self._due, (self.seconds + seconds, self._number, happen))
