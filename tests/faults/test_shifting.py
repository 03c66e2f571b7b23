"""Records that come, go and change their names between two pages: no complete read misses one that stayed."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources.twin import TwinReply, TwinRequest
from tests.faults.rigs import Action, D, World, disturbed

ACTIONS = st.tuples(st.sampled_from(["insert", "delete", "rename"]), st.integers(0, 20))
SCRIPTS = st.lists(st.lists(ACTIONS, max_size=4), max_size=16)


def check(made: World, page_size: int) -> None:
    """The promise of a read, however the records move meanwhile."""
    found = made.read(page_size)
    ids = [row.source_id for page in found.pages for row in page]
    if found.receipt.complete:
        assert made.always <= set(ids), made.always - set(ids)
        assert len(ids) == len(set(ids)) == found.receipt.distinct
    else:
        assert ids == []
        assert found.receipt.reason


@pytest.mark.parametrize(
    ("vendor", "switches"),
    [
        ("scalepad", {}),
        ("scalepad", {"next_cursor": "absent"}),
        ("nexudus", {}),
        ("nexudus", {"dir_mode": "1/-1"}),
        ("udesk", {"listing": "subtree"}),
    ],
    ids=["scalepad", "scalepad, no cursor", "nexudus", "nexudus, the other way", "udesk"],
)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(count=st.integers(0, 9), size=st.integers(1, 4), script=SCRIPTS)
def test_a_complete_read_misses_no_record_that_was_there_all_the_time(
    vendor: str, switches: dict[str, Any], count: int, size: int, script: list[list[Action]]
) -> None:
    check(disturbed(vendor, count, script, **switches), size)


@settings(max_examples=100, deadline=None)
@given(count=st.integers(0, 9), size=st.integers(1, 4), script=SCRIPTS)
def test_a_vendor_that_declares_no_total_is_believed_only_after_two_walks_that_agree(
    count: int, size: int, script: list[list[Action]]
) -> None:
    made = disturbed("scalepad", count, script)
    answer = made.ground.twin.answer

    def without_total(request: TwinRequest) -> TwinReply:
        reply = answer(request)
        body = json.loads(reply.body)
        body.pop("total_count")
        return TwinReply.of(reply.status, body)

    made.ground.twin.answer = without_total  # type: ignore[method-assign] # a vendor that says less
    check(made, size)


@pytest.mark.parametrize("vendor", ["scalepad", "nexudus"])
def test_one_deleted_and_one_made_between_two_pages_hide_no_record(vendor: str) -> None:
    made = disturbed(vendor, 4, [[("delete", 0), ("insert", 0)]])
    check(made, 2)
    assert len(made.ground.held(D)) == 4


@pytest.mark.parametrize(("mode", "walks"), [("0/1", 1), ("1/-1", 2)])
def test_an_order_that_turns_out_the_other_way_costs_one_walk_and_is_remembered(mode: str, walks: int) -> None:
    made = disturbed("nexudus", 5, [], dir_mode=mode)
    assert (made.read(2).receipt.complete, made.read(2).receipt.walks) == (True, 1)
    made = disturbed("nexudus", 5, [], dir_mode=mode)
    assert made.read(2).receipt.walks == walks


@pytest.mark.parametrize("vendor", ["scalepad", "nexudus"])
def test_an_order_that_is_ignored_makes_a_read_walk_twice_and_is_then_whole(vendor: str) -> None:
    made = disturbed(vendor, 6, [])
    answer = made.ground.twin.answer
    made.ground.twin.answer = lambda request: answer(unordered(request))  # type: ignore[method-assign] # deaf to it
    receipt = made.read(2).receipt
    assert (receipt.complete, receipt.walks, receipt.distinct) == (True, 2, 6)


def unordered(request: TwinRequest) -> TwinRequest:
    told = tuple((key, value) for key, value in request.query if key not in ("dir", "sort_order", "orderBy"))
    return TwinRequest(request.method, request.path, told, request.headers, request.body)
