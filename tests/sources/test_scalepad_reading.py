from collections.abc import Iterator
from typing import Any

import pytest

from sources.errors import Incomplete, Unavailable
from sources.http import ATTEMPTS
from sources.twin import TwinRequest
from tests.sources.scalepad_rig import PATH, Bench, D, bench, refusal


@pytest.fixture
def amm() -> Iterator[Bench]:
    made = bench()
    yield made
    made.client.wire.close()


def page(*keys: str, **more: object) -> dict[str, object]:
    return {"data": [{"id": key, "name": f"D{key}"} for key in keys], **more}


def test_1201_departments_come_in_three_pages_sorted_by_a_key_that_does_not_move(amm: Bench) -> None:
    made = {amm.twin.add_department(f"D{number}") for number in range(1201)}
    result = amm.read()
    receipt = result.receipt
    assert (receipt.complete, receipt.pages, receipt.declared_total, receipt.calls) == (True, 3, 1201, 3)
    assert {row.source_id for rows in result.pages for row in rows} == made
    first, second, _ = amm.asked
    assert (first.path, first.headers["authorization"]) == (PATH, "Bearer tok-000")
    query = (("page_size", "500"), ("sort_by", "created_at"), ("sort_order", "desc"))
    assert first.query == query
    assert second.query[:3] == query
    assert second.query[3][0] == "cursor"


def test_a_rename_between_two_pages_loses_no_row(amm: Bench) -> None:
    keys = [amm.twin.add_department(f"D{number:03}") for number in range(600)]

    def rename_behind(_request: TwinRequest, _execute: Any) -> None:
        amm.twin.rename(keys[599], "AAA")

    amm.twin.faults.extend([lambda _request, _execute: None, rename_behind])
    receipt = amm.read().receipt
    assert (receipt.complete, receipt.walks, receipt.distinct) == (True, 1, 600)


def test_a_row_deleted_while_paging_leads_to_another_walk(amm: Bench) -> None:
    keys = [amm.twin.add_department(f"D{number:03}") for number in range(600)]

    def delete_first(request: TwinRequest, execute: Any) -> None:
        execute(TwinRequest("DELETE", f"{PATH}/{keys[0]}", (), request.headers))

    amm.twin.faults.extend([lambda _request, _execute: None, delete_first])
    receipt = amm.read().receipt
    assert (receipt.complete, receipt.walks, receipt.distinct, receipt.declared_total) == (True, 2, 599, 599)


def test_an_empty_list_is_not_believed_where_records_came_a_moment_ago(amm: Bench) -> None:
    amm.answer_once(page("a", total_count=2, next_cursor=None))  # a row is missing: it is asked again
    for _ in range(2):
        amm.answer_once(page(total_count=0, next_cursor=None))
    receipt = amm.read().receipt
    assert (receipt.complete, receipt.walks) == (False, 3)
    assert receipt.reason == "1 records came, and a moment later an empty list"


@pytest.mark.parametrize(("last", "complete"), [(("b", "c"), True), (("a", "b", "c"), True), (("c",), False)])
def test_a_record_that_came_and_does_not_come_again_is_gone_once_two_walks_agree(
    amm: Bench, last: tuple[str, ...], *, complete: bool
) -> None:
    amm.answer_once(page("a", "b", total_count=3, next_cursor=None))
    amm.answer_once(page("b", "c", total_count=2, next_cursor=None))
    amm.answer_once(page(*last, total_count=len(last), next_cursor=None))
    receipt = amm.read().receipt
    assert (receipt.complete, receipt.walks) == (complete, 3)


@pytest.mark.parametrize(
    ("more", "signal"),
    [
        ({"next_cursor": None}, "next_cursor null"),
        ({}, "next_cursor missing"),
        ({"next_cursor": ""}, "next_cursor empty"),
    ],
)
def test_each_kind_of_end_is_taken_for_the_end_and_named(amm: Bench, more: dict[str, object], signal: str) -> None:
    amm.answer_once(page("a", "b", total_count=2, **more))
    receipt = amm.read().receipt
    assert (receipt.complete, receipt.end_signal, receipt.distinct) == (True, signal, 2)


def test_the_sandboxs_absent_cursor_is_an_end() -> None:
    made = bench(next_cursor="absent")
    made.twin.add_department("A")
    assert made.read().receipt.end_signal == "next_cursor missing"


@pytest.mark.parametrize("more", [{}, {"next_cursor": ""}, {"next_cursor": None}])
def test_fewer_rows_than_declared_is_never_a_whole_read(amm: Bench, more: dict[str, object]) -> None:
    for _ in range(3):
        amm.answer_once(page("a", total_count=2, **more))
    result = amm.read()
    assert (result.receipt.complete, result.receipt.walks, result.pages) == (False, 3, ())


def test_a_list_without_any_word_on_its_end_is_incomplete(amm: Bench) -> None:
    for _ in range(3):
        amm.answer_once(page())
    assert "neither next_cursor nor total_count" in str(amm.read().receipt.reason)


def test_a_cursor_that_comes_again_is_incomplete(amm: Bench) -> None:
    pages = [page(key, total_count=9, next_cursor=cursor) for key, cursor in [("a", "c1"), ("b", "c2"), ("c", "c1")]]
    for body in pages * 3:
        amm.answer_once(body)
    receipt = amm.read().receipt
    assert (receipt.complete, receipt.reason) == (False, "next_cursor came a second time")


def test_a_refused_cursor_starts_the_walk_again(amm: Bench) -> None:
    amm.answer_once(page("a", total_count=2, next_cursor="c1"))
    amm.answer_once(refusal("invalid_request", field="cursor"), 400)
    amm.twin.add_department("A", id="a")
    receipt = amm.read().receipt
    assert (receipt.complete, receipt.walks, receipt.distinct) == (True, 2, 1)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 200),
        ({"data": None, "total_count": 0}, 200),
        ({"data": {}, "next_cursor": None}, 200),
        (page(total_count="0", next_cursor=None), 200),
        (page(total_count=0, next_cursor=7), 200),
        ([], 200),
        (b"", 204),
        (b"<html>", 200),
        (page(total_count=0, next_cursor=None), 206),
    ],
)
def test_an_answer_of_another_form_is_never_an_empty_list(amm: Bench, body: object, status: int) -> None:
    for _ in range(ATTEMPTS):
        amm.answer_once(body, status)
    result = amm.read()
    assert (result.receipt.complete, result.pages) == (False, ())
    assert isinstance(result.fault, Unavailable)


@pytest.mark.parametrize(
    "record", [{"name": "A"}, {"id": 7, "name": "A"}, {"id": " ", "name": "A"}, {"id": "a", "name": None}, "a"]
)
def test_a_row_without_id_or_name_makes_the_read_incomplete(amm: Bench, record: object) -> None:
    for _ in range(3):
        amm.answer_once({"data": [record], "total_count": 1, "next_cursor": None})
    assert isinstance(amm.read().fault, Incomplete)


def test_an_id_that_is_no_uuid_is_kept_and_encoded_in_paths(amm: Bench) -> None:
    key = "d4-104g8547318c/x y?部"
    amm.answer_once({"id": key, "name": "A", "description": None})
    assert amm.client.observe(D, key).source_id == key
    assert amm.asked[0].path == f"{PATH}/{key}"
    assert amm.asked[0].query == ()
