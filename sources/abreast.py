"""Calls side by side: a bounded number at a time, their results in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import TypeVar

from sources.workers import Workers

A = TypeVar("A")
B = TypeVar("B")


def abreast(act: Callable[[A], B], items: Iterable[A], width: int) -> Iterator[B]:
    """What ``act`` makes of each item, in the order of the items; ``width`` acts run at a time, few results wait.

    The first fault in that order is raised, and ends it: what was begun runs to its end, nothing more is begun.
    """
    if width < 2:
        yield from map(act, items)
        return
    waiting: deque[Future[B]] = deque()
    with Workers(width) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(act, item))
                if len(waiting) > width:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()
