"""Pages that are fetched side by side, while records come, go and change: no complete read misses one that stayed."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources.abreast import abreast
from sources.errors import Incomplete
from sources.nexudus import details, lists
from sources.twin import TwinReply, TwinRequest
from tests.faults.rigs import Action, D, World, disturbed
from tests.faults.test_shifting import SCRIPTS, check

A = TypeVar("A")
B = TypeVar("B")
WIDTH = 4


@dataclass
class Shuffled:
    """Stands in for calls side by side: so many at a time, answered in an order that a test draws."""

    order: list[int]

    def __call__(self, act: Callable[[A], B], items: Iterable[A], width: int) -> Iterator[B]:
        left = iter(items)
        while batch := list(islice(left, max(width, 1))):
            told: dict[int, B | Exception] = {}
            for index in sorted(range(len(batch)), key=lambda one: self.order[one % len(self.order)]):
                try:
                    told[index] = act(batch[index])
                except Exception as fault:
                    told[index] = fault
            for index in range(len(batch)):
                found = told[index]
                if isinstance(found, Exception):
                    raise found
                yield found


def side_by_side(made: World) -> World:
    """The same, read with several calls at a time."""
    client: Any = made.ground.client
    client._lists._width = WIDTH
    return made


@pytest.mark.parametrize("switches", [{}, {"dir_mode": "1/-1"}], ids=["one direction", "the other"])
@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    count=st.integers(0, 12),
    size=st.integers(1, 3),
    script=SCRIPTS,
    order=st.permutations(range(WIDTH)),
)
def test_pages_that_are_answered_in_any_order_hide_no_record(
    monkeypatch: pytest.MonkeyPatch,
    switches: dict[str, Any],
    count: int,
    size: int,
    script: list[list[Action]],
    order: list[int],
) -> None:
    for module in (lists, details):
        monkeypatch.setattr(module, "abreast", Shuffled(list(order)))
    check(side_by_side(disturbed("nexudus", count, script, **switches)), size)


@pytest.mark.parametrize("turn", range(10))
def test_pages_that_threads_fetch_hide_no_record_whoever_is_first(turn: int) -> None:
    script: list[list[Action]] = [[("insert", 0), ("delete", turn + step), ("rename", step)] for step in range(turn)]
    made = side_by_side(disturbed("nexudus", 30, script))
    check(made, 3)
    made.script = []
    assert made.read(3).receipt.complete


def test_a_walk_that_breaks_off_leaves_no_call_behind() -> None:
    made = side_by_side(disturbed("nexudus", 30, []))
    answer, asked = made.ground.twin.answer, []

    def repeats(request: TwinRequest) -> TwinReply:
        asked.append(request.param("page"))
        first = tuple((key, "1" if key == "page" else value) for key, value in request.query)
        reply = answer(TwinRequest(request.method, request.path, first, request.headers))
        return TwinReply(reply.status, reply.body.replace(b'"CurrentPage": 1', b'"Was": 1'), reply.headers)

    made.ground.twin.answer = repeats  # type: ignore[method-assign] # a vendor that gives the first page for ever
    found = made.read(3)
    receipt = found.receipt
    assert (receipt.complete, receipt.walks) == (False, 3)
    assert [one for one in threading.enumerate() if one.name.startswith("ThreadPool")] == []
    assert len(asked) == made.ground.client.wire.calls == receipt.calls
    assert [number for number in asked if number == "1"] == ["1"] * 3
    assert len(asked) <= 3 * (1 + WIDTH + 1)


def test_calls_side_by_side_end_with_the_first_fault_in_their_order() -> None:
    begun: list[int] = []

    def act(number: int) -> int:
        begun.append(number)
        if number in (3, 5):
            raise Incomplete(str(number))
        return number

    found: list[int] = []
    with pytest.raises(Incomplete, match="3"):
        found.extend(abreast(act, range(1000), WIDTH))
    assert found == [0, 1, 2]
    assert len(begun) <= 3 + 2 * WIDTH


@pytest.mark.parametrize("vendor", ["scalepad", "nexudus"])
def test_somebody_at_work_between_all_pages_ends_in_a_whole_read_or_in_none(vendor: str) -> None:
    script: list[list[Action]] = [[("insert", 0), ("delete", 3)]] * 100
    made = disturbed(vendor, 12, script)
    check(side_by_side(made) if vendor == "nexudus" else made, 2)
    made.script = []
    found = made.read(2)
    assert found.receipt.complete
    assert {row.source_id for page in found.pages for row in page} == set(made.ground.held(D))
