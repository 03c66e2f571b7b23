"""Workers without threads: what is under way is a deck of calls, and chance draws which one is answered next."""

from collections.abc import Callable, Collection
from concurrent.futures import Executor, Future
from random import Random
from typing import Any


class Deck(Executor):
    """Carries calls out one after the other, in an order that the seed draws; ``step``: between two of them."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._calls: dict[Future[Any], Callable[[], Any]] = {}

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Put a call into the deck."""
        future: Future[Any] = Future()
        self._calls[future] = lambda: fn(*args, **kwargs)
        return future

    def draw(self, among: Collection["Future[Any]"]) -> "Future[Any]":
        """Carry one of these out. A death is nobody's answer: it is raised."""
        future = self._rng.choice([one for one in self._calls if one in among])
        call = self._calls.pop(future)
        try:
            future.set_result(call())
        except Exception as fault:
            future.set_exception(fault)
        return future

    def wait(self, futures: Collection["Future[Any]"], **_: Any) -> tuple[set["Future[Any]"], set["Future[Any]"]]:
        """``wait`` of concurrent.futures, until the first is done."""
        done = {self.draw(futures)}
        return done, set(futures) - done

    def bury(self, last: Callable[[Callable[[], Any]], None]) -> None:
        """The process died: some of what was under way still arrives, nobody hears an answer."""
        for call in self._calls.values():
            if self._rng.random() < 0.5:
                last(call)
        self._calls.clear()
