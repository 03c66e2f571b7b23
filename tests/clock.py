"""A clock that tests own: it moves only when somebody sleeps on it or sets it forward."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """Starts at 2026-03-01T08:00Z; ``slept`` holds every wait in seconds, in order."""

    def __init__(self) -> None:
        self._now = datetime(2026, 3, 1, 8, tzinfo=UTC)
        self._monotonic = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return self._now

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return self._monotonic

    def sleep(self, seconds: float) -> None:
        """Move both times forward at once."""
        self.slept.append(seconds)
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds
