"""The pace of a connection: one budget of reads and writes, shared by all of its threads."""

import threading

from pyrate_limiter import InMemoryBucket, RateItem
from pyrate_limiter import Rate as BucketRate

from mappings.card import Pace, Rate
from sources.clock import Clock


class _Budget:
    """A sliding window over the clock that it is given."""

    def __init__(self, rate: Rate, clock: Clock) -> None:
        self._bucket = InMemoryBucket([BucketRate(rate.calls, int(rate.seconds * 1000) + 1)])  # its times are cut to ms
        self._lock = threading.Lock()
        self._clock = clock

    def take(self) -> None:
        """Wait until one more call is allowed, and count it."""
        while True:
            with self._lock:
                item = RateItem("call", int(self._clock.monotonic() * 1000))
                if self._bucket.put(item):
                    return
                wait = self._bucket.waiting(item)
            assert isinstance(wait, int | float)
            self._clock.sleep(max(wait, 1) / 1000)


class PaceKeeper:
    """Makes every call wait for its turn in the budgets of the card, and while the vendor said that all must wait."""

    def __init__(self, pace: Pace, clock: Clock) -> None:
        self._reads = _Budget(pace.reads, clock) if pace.reads else None
        self._writes = _Budget(pace.writes, clock) if pace.writes else None
        if pace.shared:
            self._writes = self._reads
        self._clock = clock
        self._lock = threading.Lock()
        self._held_until = clock.monotonic()

    def hold(self, seconds: float) -> None:
        """Let no call of the connection leave for so long."""
        with self._lock:
            self._held_until = max(self._held_until, self._clock.monotonic() + seconds)

    def take(self, *, write: bool) -> None:
        """Wait for one call's turn."""
        while (left := self._held_until - self._clock.monotonic()) > 0:
            self._clock.sleep(left)
        budget = self._writes if write else self._reads
        if budget:
            budget.take()
