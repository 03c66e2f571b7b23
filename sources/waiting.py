"""How long a call waits before it is sent again: as the vendor says, or longer each time, and by chance."""

from collections.abc import Callable

from sources.clock import Clock
from sources.errors import Retry, Throttled

LONGEST_HOLD = 60.0  # seconds; a server that says it is down for longer may be back before
SHORTEST_WAIT = 0.5  # seconds; "at once" from a throttled vendor means soon
NAP = 1.0  # seconds after which a wait looks whether the run is to stop


def pause(fault: BaseException | None, attempt: int, chance: float) -> float:
    """Seconds to wait after the attempt of this number; ``chance``: from 0 to 1."""
    named = fault.after if isinstance(fault, Retry) else None
    if named is None:
        return float(min(2 ** (attempt - 1), 20) * (0.5 + chance / 2))
    if not isinstance(fault, Throttled):
        named = min(named, LONGEST_HOLD)
    return max(named, SHORTEST_WAIT) + chance * 0.1


def doze(clock: Clock, seconds: float, halted: Callable[[], bool] | None) -> None:
    """Wait, until the run is to stop where somebody can say so."""
    if halted is None:
        clock.sleep(seconds)
        return
    end = clock.monotonic() + seconds
    nap(clock, lambda: end - clock.monotonic(), halted)


def nap(clock: Clock, left: Callable[[], float], halted: Callable[[], bool]) -> None:
    """Wait by and by, while seconds are left and the run is not to stop."""
    while not halted() and (seconds := left()) > 0:
        clock.sleep(min(seconds, NAP))
