"""Calls side by side: in order, bounded, and over at the first fault."""

import threading
from collections.abc import Callable

import pytest

from mappings.card import Pace
from sources.abreast import abreast
from sources.http import Wire
from sources.message import Call, Reply
from sources.twin import TwinReply, TwinRequest, TwinTransport
from tests.clock import FakeClock


@pytest.mark.parametrize("width", [1, 2, 5])
def test_results_come_in_the_order_of_the_items(width: int) -> None:
    assert list(abreast(lambda number: number * 2, range(20), width)) == [number * 2 for number in range(20)]


@pytest.mark.parametrize("width", [1, 3])
def test_after_the_first_fault_little_is_begun(width: int) -> None:
    begun: list[int] = []

    def act(number: int) -> int:
        begun.append(number)
        if number == 4:
            raise ValueError(number)
        return number

    found: list[int] = []
    with pytest.raises(ValueError, match="4"):
        found.extend(abreast(act, range(1000), width))
    assert found == [0, 1, 2, 3]
    assert len(begun) <= 5 + 2 * width


class Crowd:
    """A vendor that counts the calls it answers at a time; each waits until as many as may come are there."""

    def __init__(self, most: int) -> None:
        self.log: list[tuple[str, str, int]] = []
        self.seen = 0
        self._here = 0
        self._lock = threading.Lock()
        self._full = threading.Barrier(most)

    def handle(self, _request: TwinRequest) -> TwinReply:
        with self._lock:
            self._here += 1
            self.seen = max(self.seen, self._here)
        self._full.wait(timeout=5)
        with self._lock:
            self._here -= 1
        return TwinReply.of(200, {})


def test_no_more_calls_are_under_way_than_the_pace_allows_whoever_makes_them() -> None:
    crowd: Crowd = Crowd(3)
    wire = Wire("http://vendor.test", Pace(concurrency=3), transport=TwinTransport(crowd), clock=FakeClock())  # type: ignore[arg-type] # no faults are planted

    def ask(_number: int) -> Reply:
        judge: Callable[[Reply], None] = lambda _: None  # noqa: E731 - any answer will do
        return wire.exchange(Call("GET", "/x"), judge)

    assert len(list(abreast(ask, range(12), 6))) == 12
    assert crowd.seen == 3
    wire.close()
