"""Lists that repeat, contradict themselves, end too early or never: a read is whole, or it says why it is not."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from mappings.receipt import Receipt
from sources.errors import Denied, Incomplete, Unavailable
from sources.http import ATTEMPTS
from sources.reading import WALKS, Slip, read
from sources.twin import TwinReply, TwinRequest
from sources.vendor import Page, Row
from tests.clock import FakeClock
from tests.faults.rigs import GROUNDS, D, disturbed, planted
from tests.sources.scalepad_rig import refusal


def reason(vendor: str, *answers: Any, size: int = 2) -> Receipt:
    """The receipt of a read of planted answers, each walk the same; it must not be complete."""
    ground = GROUNDS[vendor]()
    planted(ground.twin, *answers * WALKS)
    found = ground.read(D, size)
    assert (found.receipt.complete, found.pages) == (False, ())
    return found.receipt


def amm(*keys: Any, total: Any = None, cursor: str | None = None, **more: Any) -> dict[str, Any]:
    data = [{"id": key, "name": f"D{key}", "created_at": "2026-03-01T08:00:00.000Z"} for key in keys]
    return {"data": data, "total_count": total, "next_cursor": cursor, **more}


CASES: dict[str, tuple[tuple[dict[str, Any], ...], str]] = {
    "the same page again": ((amm("a", "b", total=4, cursor="x"), amm("a", "b", total=4)), "page 2 repeats 2 records"),
    "a row of the page before": ((amm("a", "b", total=3, cursor="x"), amm("b", "c", total=3)), "repeats 1 records"),
    "one id twice in a page": ((amm("a", "a", total=1),), "page 1 repeats 1 records"),
    "a cursor that comes again": (
        (amm("a", cursor="x", total=9), amm("b", cursor="x", total=9), amm("c", cursor="x", total=9)),
        "next_cursor came a second time",
    ),
    "a total that moves": ((amm("a", total=2, cursor="x"), amm("b", total=3)), "total moved from 2 to 3"),
    "a total that is too high": ((amm("a", total=2),), "declares 2 records, 1 distinct"),
    "a total that is too low": ((amm("a", "b", total=1, cursor="x"),), "more than that came"),
    "a negative total": ((amm("a", total=-1),) * ATTEMPTS, "total_count is no number"),
    "a total as text": ((amm("a", total="1"),) * ATTEMPTS, "total_count is no number"),
    "no word on the end": (({"data": []},), "nothing says that this is all"),
    "a page of nothing but more": ((amm(total=2, cursor="x"), amm("a", total=2)), "declares 2 records, 1 distinct"),
}


@pytest.mark.parametrize(("answers", "says"), CASES.values(), ids=CASES.keys())
def test_pages_that_contradict_each_other_are_an_incomplete_read_with_its_reason(
    answers: tuple[dict[str, Any], ...], says: str
) -> None:
    assert says in str(reason("scalepad", *answers).reason)


def test_one_id_with_two_contents_is_an_incomplete_read() -> None:
    first, second = amm("a", "b", total=3, cursor="x"), amm("b", "c", total=3)
    second["data"][0]["name"] = "another"
    assert "repeats 1 records" in str(reason("scalepad", first, second).reason)


def nexudus(*ids: Any, total: Any = 0, more: bool = False, page: int = 1, **rest: Any) -> dict[str, Any]:
    records = [{"Id": number, "Name": "n", "BusinessId": 123, "Description": "d"} for number in ids]
    return {"Records": records, "HasNextPage": more, "TotalItems": total, "CurrentPage": page, **rest}


def test_a_next_page_that_never_ends_is_stopped_by_the_declared_total() -> None:
    ground = GROUNDS["nexudus"]()
    number = [10**6]

    def endless(request: TwinRequest, _execute: Callable[[TwinRequest], TwinReply]) -> TwinReply:
        number[0] -= 2
        return TwinReply.of(200, nexudus(number[0] + 1, number[0], total=6, more=True, page=int(request.param("page"))))

    ground.twin.faults.extend([endless] * 100)
    receipt = ground.read(D, 2).receipt
    assert (receipt.complete, receipt.walks) == (False, WALKS)
    assert receipt.calls == 4 * WALKS
    assert "more than that came" in str(receipt.reason)


def test_an_answer_to_the_question_for_another_page_is_no_answer() -> None:
    ground = GROUNDS["nexudus"]()
    planted(ground.twin, *[nexudus(2, 1, total=2, page=7)] * ATTEMPTS)
    found = ground.read(D)
    assert isinstance(found.fault, Unavailable)
    assert "asked for page 1, page 7 came" in str(found.fault)


def test_a_cursor_that_expires_starts_the_walk_anew_and_not_for_ever() -> None:
    expired = TwinReply.of(400, refusal("invalid_request", "Invalid cursor", field="cursor"))
    for times, complete in ((1, True), (WALKS, False)):
        made = disturbed("scalepad", 5, [])
        for _ in range(times):
            made.ground.plant(expired, after=1)
        receipt = made.read(2).receipt
        assert (receipt.complete, receipt.walks) == (complete, min(times + 1, WALKS))


def test_a_page_that_stays_unreadable_refuses_the_whole_read() -> None:
    made = disturbed("scalepad", 5, [])
    made.ground.plant(TwinReply(503), after=2, times=ATTEMPTS)
    found = made.read(2)
    assert (found.receipt.complete, found.pages, found.receipt.pages) == (False, (), 2)
    assert isinstance(found.fault, Unavailable)


@pytest.mark.parametrize("size", [1, 3])
def test_a_server_that_gives_smaller_pages_than_asked_for_is_read_to_its_end(size: int) -> None:
    made = disturbed("scalepad", 7, [])
    answer = made.ground.twin.answer

    def clamped(request: TwinRequest) -> TwinReply:
        told = tuple((key, str(size) if key == "page_size" else value) for key, value in request.query)
        return answer(TwinRequest(request.method, request.path, told, request.headers))

    made.ground.twin.answer = clamped  # type: ignore[method-assign] # a vendor with a mind of its own
    receipt = made.read(500).receipt
    assert (receipt.complete, receipt.distinct, receipt.pages) == (True, 7, -(-7 // size))


def test_a_record_that_lists_but_cannot_be_read_is_no_complete_read() -> None:
    made = disturbed("nexudus", 3, [])
    gone = min(made.ground.held(D))
    answer = made.ground.twin.answer

    def hide(request: TwinRequest) -> TwinReply:
        reply = answer(request)
        if request.path.endswith(f"/{gone}"):
            return TwinReply.of(404, "Not found")
        if request.param("id"):
            return TwinReply.of(200, [row for row in json.loads(reply.body) if str(row["Id"]) != gone])
        body = json.loads(reply.body)
        for record in body["Records"]:
            record["Description"] = None  # held back in the list, so that it takes the call by id
        return TwinReply.of(200, body)

    made.ground.twin.answer = hide  # type: ignore[method-assign] # a list that shows more than there is
    receipt = made.read(100).receipt
    assert (receipt.complete, receipt.walks) == (False, WALKS)
    assert "declares 3 records, 2 distinct" in str(receipt.reason)


@pytest.mark.parametrize("vendor", GROUNDS)
@pytest.mark.parametrize(
    "target", ["https://other.example.test/x", "http://127.0.0.1:1/x", "file:///etc/passwd", "//169.254.169.254/", "/x"]
)
def test_a_list_that_is_redirected_is_denied_and_never_followed(vendor: str, target: str) -> None:
    ground = GROUNDS[vendor]()
    ground.plant(TwinReply(302, b"", {"Location": target}))
    found = ground.read(D)
    assert isinstance(found.fault, Denied)
    assert len(ground.twin.log) == 1


class Endless:
    """A vendor that never ends and always has something new."""

    class wire:  # noqa: N801 - an attribute's name
        calls = retries = 0
        clock = FakeClock()

    def walk(self, _resource: object, _delta: object) -> Any:
        for number in range(10**9):
            yield Page([Row.of(number, {})])


def test_a_vendor_without_total_or_end_is_stopped_at_the_largest_number_of_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sources.reading.PAGES", 50)
    vendor: Any = Endless()
    resource = GROUNDS["scalepad"]().resource(D)
    found = read(vendor, resource, Slip("r", "x", "c"))
    assert isinstance(found.fault, Incomplete)
    assert "more than 50 pages" in str(found.fault)
