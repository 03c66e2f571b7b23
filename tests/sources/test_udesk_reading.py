from collections.abc import Iterator
from typing import Any

import pytest

from sources.errors import Incomplete, Unavailable
from sources.http import ATTEMPTS
from sources.message import Call
from sources.reading import Slip, read
from sources.secret import Scrubber, Secret
from sources.udesk.client import Signature, UdeskClient, signature
from sources.udesk.login import GivenToken
from sources.udesk.sandbox import UdeskTwin
from sources.udesk.settings import DEPARTMENTS
from sources.udesk.tree import flatten
from sources.vendor import Connection
from tests.clock import FakeClock
from tests.sources.udesk_rig import Bench, bench


@pytest.fixture
def udesk() -> Iterator[Bench]:
    made = bench()
    yield made
    made.client.wire.close()


@pytest.mark.parametrize(
    ("email", "sign"),
    [
        ("admin@example.test", "02b5d1363bd58d6e90f319df0a6568c67388c9a10620badddd2c8f2dc2802201"),
        ("ops+udesk@example.test", "e2435c297c86299e1edaa48ba286da80e3b4c2c8b7ca44de3b89bdf314e6364e"),
    ],
)
def test_the_signature_is_the_one_of_the_vectors(email: str, sign: str) -> None:
    assert signature(email, "tok-000", "1494474404", "2d931510-d99f-494a-8c67-87feb05e1594") == sign


def test_five_parameters_are_added_and_the_token_is_none_of_them() -> None:
    auth = Signature(Secret("ops+udesk@example.test"), GivenToken(Secret("tok-000")), FakeClock(), lambda: "n1")
    signed = auth.sign(Call("GET", "/x", (("a", "b"),)))
    expected = signature("ops+udesk@example.test", "tok-000", "1772352000", "n1")
    assert signed.query == (
        ("a", "b"),
        ("email", "ops+udesk@example.test"),
        ("timestamp", "1772352000"),
        ("sign", expected),
        ("nonce", "n1"),
        ("sign_version", "v2"),
    )


def test_an_email_with_a_plus_sign_is_signed_raw_and_sent_encoded() -> None:
    clock = FakeClock()
    made = Bench(UdeskTwin(now=clock.now, email="ops+udesk@example.test"), clock)
    secrets = {"email": Secret("ops+udesk@example.test"), "open_api_token": Secret("tok-000")}
    made.client = UdeskClient(Connection("c", "udesk", "", {}, secrets), made.client.wire, Scrubber())
    assert made.records() == {}


def test_every_attempt_has_its_own_nonce_and_time(udesk: Bench) -> None:
    udesk.answer_once({}, 503)
    udesk.answer_once(b"<html>", 502)
    udesk.records()
    assert len(udesk.asked) == 3
    for name in ("nonce", "sign", "timestamp"):
        assert len({request.param(name) for request in udesk.asked}) == 3


@pytest.mark.parametrize("listing", ["tree", "subtree"])
def test_both_readings_of_the_list_give_the_same_tree(listing: str) -> None:
    made = bench(listing=listing)
    expected = {1: ("A", 0), 2: ("B", 1), 3: ("C", 2), 4: ("D", 3), 5: ("E", 1), 6: ("F", 0), 7: ("G", 5)}
    for name, parent in expected.values():
        made.twin.add_department(name, parent)
    assert made.records() == {str(key): value for key, value in expected.items()}


def test_a_whole_read_takes_one_call_and_has_a_complete_receipt(udesk: Bench) -> None:
    udesk.twin.add_department("A")
    result = read(udesk.client, DEPARTMENTS, Slip("r", "x", "c"))
    assert (result.receipt.complete, result.receipt.calls, result.receipt.end_signal) == (True, 1, "single page")
    assert (result.receipt.declared_total, result.receipt.rows, result.receipt.duplicates) == (None, 1, 0)
    assert udesk.asked[0].path == "/open_api_v1/departments"


def test_a_tree_of_20000_levels_is_walked() -> None:
    nested: list[Any] = []
    for number in range(20_000, 0, -1):
        nested = [{"id": number, "name": f"D{number}", "sub_department": nested}]
    found = flatten(nested)
    assert (len(found), found["20000"]["parent_id"], found["1"]["parent_id"]) == (20_000, 19_999, 0)


def node(key: Any, *below: Any, name: Any = None) -> dict[str, Any]:
    return {"id": key, "name": f"D{key}" if name is None else name, "sub_department": list(below)}


def test_a_record_keeps_the_vendors_unknown_fields_and_not_what_is_nested() -> None:
    assert flatten([{**node(1, node(2)), "code_name": "x"}]) == {
        "1": {"id": 1, "name": "D1", "code_name": "x", "parent_id": 0},
        "2": {"id": 2, "name": "D2", "parent_id": 1},
    }


def test_the_deepest_of_several_occurrences_gives_the_parent_in_any_order() -> None:
    chain = node(10, node(11))
    for nested in ([node(1, chain, node(11))], [node(1, node(11), chain)], [node(11), node(1, chain)]):
        found = flatten(nested)
        assert {key: record["parent_id"] for key, record in found.items()} == {"1": 0, "10": 1, "11": 10}


@pytest.mark.parametrize(
    ("nested", "reason"),
    [
        ([node(1, node(3)), node(2, node(3))], "department 3 stands in two branches"),
        ([node(1, node(4, node(3))), node(2, node(3))], "department 3 stands in two branches"),
        ([node(1, node(2, node(3, node(9)))), node(3, node(2, node(9)))], "stands in two branches"),
        ([node(1, node(2)), node(2, name="other")], "department 2 has two names"),
        ([node(1, node(2, node(1)))], "department 1 stands within itself"),
        ([node(1, node(1))], "department 1 stands within itself"),
        ([{"id": 7, "name": "x"}], "sub_department is missing or no list at department 7"),
        ([{"id": 7, "name": "x", "sub_department": None}], "at department 7"),
        ([{"id": 7, "name": None, "sub_department": []}], "department 7 has no name"),
        *[([node(key)], "positive integer id") for key in (True, 1.0, "1", 0, -1, None)],
        (["x"], "positive integer id"),
    ],
)
def test_a_list_that_contradicts_itself_is_incomplete_with_its_reason(nested: Any, reason: str) -> None:
    with pytest.raises(Incomplete, match=reason):
        flatten(nested)


@pytest.mark.parametrize(
    "body", [{"code": 1000}, {"code": 1000, "departments": None}, {"code": 1000, "departments": {}}]
)
def test_a_success_without_departments_is_never_an_empty_company(udesk: Bench, body: object) -> None:
    for _ in range(ATTEMPTS):
        udesk.answer_once(body)
    udesk.twin.add_department("A")
    result = read(udesk.client, DEPARTMENTS, Slip("r", "x", "c"))
    assert (result.receipt.complete, result.pages) == (False, ())
    assert isinstance(result.fault, Unavailable)
