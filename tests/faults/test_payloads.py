"""Bytes that are no list, lists that are no records, records that no vendor would make."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources.errors import Incomplete, Unavailable, VendorError
from sources.http import ATTEMPTS
from sources.message import Reply
from sources.reading import WALKS
from sources.twin import TwinReply, TwinRequest
from tests.contract_ground import HTML
from tests.faults.rigs import GROUNDS, LIST, NAME, D, lists, mend, planted

Execute = Callable[[TwinRequest], TwinReply]
DEEP = b"[" * 100_000 + b"]" * 100_000

BYTES: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b" \r\n\t ",
    "HTML": HTML,
    "cut": b'{"code": 1000, "departments": [',
    "two answers": b"{}{}",
    "UTF-16": json.dumps({"code": 1000}).encode("utf-16"),
    "UTF-32": json.dumps({"code": 1000}).encode("utf-32"),
    "Latin-1": '{"name": "Büro"}'.encode("latin-1"),
    "half a character": b'{"name": "\\ud83d"}',
    "half a character as bytes": b'{"name": "\xed\xa0\xbd"}',
    "a key twice": b'{"code": 1000, "code": 1000, "departments": []}',
    "a key twice, deeper": b'{"data": [{"id": "a", "id": "b"}]}',
    "NaN": b'{"x": NaN}',
    "Infinity": b'{"x": -Infinity}',
    "1e400": b'{"x": 1e400}',
    "5,000 digits": b'{"id": ' + b"9" * 5000 + b"}",
    "100,000 deep": DEEP,
    "100,000 deep in an object": b'{"a":' * 100_000,
    "control characters": b'{"name": "a\x00b"}',
    "a comment": b"{} // fine",
    "gzip unasked": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "a zip": b"PK\x03\x04",
}


@pytest.mark.parametrize("body", BYTES.values(), ids=BYTES.keys())
def test_what_is_not_whole_strict_json_is_no_answer(body: bytes) -> None:
    with pytest.raises(Unavailable) as raised:
        Reply(200, {"content-type": "application/json"}, body).json()
    assert len(str(raised.value)) < 300
    assert str(raised.value).isprintable()


@pytest.mark.parametrize("vendor", GROUNDS)
@pytest.mark.parametrize("body", BYTES.values(), ids=BYTES.keys())
def test_a_list_of_such_bytes_is_an_incomplete_read(vendor: str, body: bytes) -> None:
    ground = GROUNDS[vendor]()
    ground.seed(D, 2)
    planted(ground.twin, *[body] * ATTEMPTS)
    found = ground.read(D)
    assert (found.receipt.complete, found.pages) == (False, ())
    assert isinstance(found.fault, Unavailable)


@pytest.mark.parametrize("vendor", GROUNDS)
def test_a_byte_order_mark_is_no_fault(vendor: str) -> None:
    ground = GROUNDS[vendor]()
    ids = ground.seed(D, 2)
    mend(ground, lambda body: b"\xef\xbb\xbf" + body)
    found = ground.read(D)
    assert (found.receipt.complete, found.receipt.distinct) == (True, len(ids))


@pytest.mark.parametrize("vendor", GROUNDS)
@pytest.mark.parametrize("held", ["missing", None, {}, "[]", 0, False, "a", [None], [[]], ["a"], [7]])
def test_a_list_that_is_missing_or_none_is_never_an_empty_one(vendor: str, held: Any) -> None:
    ground = GROUNDS[vendor]()
    ground.seed(D, 2)

    def spoil(envelope: dict[str, Any], _records: list[Any]) -> None:
        envelope[LIST[vendor]] = held
        if held == "missing":
            del envelope[LIST[vendor]]

    lists(ground, spoil)
    found = ground.read(D)
    assert (found.receipt.complete, found.pages) == (False, ())
    assert isinstance(found.fault, Unavailable | Incomplete)
    assert found.receipt.calls <= WALKS * ATTEMPTS


@pytest.mark.parametrize("vendor", GROUNDS)
@pytest.mark.parametrize("depth", [100, 400, 900, 960, 980, 990, 1000, 1100, 3000])
def test_a_field_however_deep_is_kept_or_refused_and_never_a_crash(vendor: str, depth: int) -> None:
    ground = GROUNDS[vendor]()
    ground.seed(D, 1)
    nest = b"[" * depth + b"]" * depth
    named = json.dumps(next(iter(ground.held(D).values()))[NAME[vendor]]).encode()
    mend(ground, lambda body: body.replace(named, named + b', "extra": ' + nest, 1))
    found = ground.read(D)
    assert found.receipt.complete or isinstance(found.fault, VendorError)


KEYS = st.sampled_from(["id", "Id", "name", "Name", "data", "Records", "departments", "sub_department", "code"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("vendor", GROUNDS)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(envelope=JSON, record=JSON)
def test_a_list_with_any_json_in_any_place_is_whole_or_incomplete_and_never_a_crash(
    vendor: str, envelope: Any, record: Any
) -> None:
    ground = GROUNDS[vendor]()
    ground.seed(D, 2)

    def spoil(held: dict[str, Any], records: list[Any]) -> None:
        if isinstance(envelope, dict):
            held.update(envelope)
        if isinstance(record, dict):
            records[0].update(record)
        else:
            records[0] = record

    lists(ground, spoil)
    found = ground.read(D)
    assert found.receipt.complete == (found.fault is None) == (found.receipt.reason is None)
    assert found.receipt.complete or found.pages == ()
