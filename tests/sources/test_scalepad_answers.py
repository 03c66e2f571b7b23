import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from sources.errors import Denied, Gone, Rejected, Throttled, Unavailable, VendorError
from sources.message import Reply
from sources.scalepad.client import accept
from sources.scalepad.sandbox import CLIENT_ID, ScalePadTwin
from sources.twin import TwinRequest
from tests.clock import FakeClock
from tests.sources.scalepad_rig import PATH, Bench, D, bench, refusal


@pytest.fixture
def amm() -> Iterator[Bench]:
    made = bench()
    yield made
    made.client.wire.close()


def verdict(body: object, status: int, headers: Mapping[str, str] | None = None) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return accept(Reply(status, headers or {}, content), 200, "client-1")


@pytest.mark.parametrize(
    ("status", "body", "kind", "text"),
    [
        (401, refusal("unauthorized"), Denied, "token"),
        (401, b"<html>", Denied, "token"),
        (403, refusal("forbidden"), Denied, "client client-1"),
        (404, refusal("not_found", department_id="d"), Gone, "not_found"),
        (404, refusal("not_found", client_id="x"), Denied, "client client-1"),
        (404, {"error": {"code": "not_found", "message": "Client not found"}}, Denied, "client client-1"),
        (404, b"nothing here", Unavailable, "404"),
        (409, refusal("conflict", name="A"), Rejected, "conflict"),
        (409, b"", Unavailable, "409"),
        (400, refusal("invalid_request", "Department name is required", field="name"), Rejected, "is required"),
        (400, b"Bad Request", Unavailable, "400"),
        (400, {"error": "invalid"}, Unavailable, "400"),
        (400, {"message": "x"}, Unavailable, "400"),
        (422, refusal("unprocessable"), Rejected, "unprocessable"),
        (429, b"Too many requests", Throttled, "429"),
        (429, refusal("x"), Throttled, "429"),
        (500, refusal("internal_error"), Unavailable, "500"),
        (503, b"<html>", Unavailable, "503"),
        (202, {"id": "x"}, Unavailable, "202"),
        (204, b"", Unavailable, "204"),
    ],
)
def test_the_status_and_the_vendors_own_form_decide(
    status: int, body: object, kind: type[VendorError], text: str
) -> None:
    with pytest.raises(kind, match=text):
        verdict(body, status)


def test_a_name_conflict_and_a_bad_field_are_named(amm: Bench) -> None:
    amm.twin.add_department("Engineering")
    with pytest.raises(Rejected) as conflict:
        amm.client.create(D, {"name": "engineering"})
    assert (conflict.value.rule, conflict.value.field) == ("name_taken", "name")
    with pytest.raises(Rejected) as empty:
        amm.client.create(D, {"name": ""})
    assert (empty.value.rule, empty.value.field) == ("vendor_rejected", "name")
    assert len(amm.twin.departments) == 1


def test_a_name_that_only_a_deleted_department_holds_is_refused_as_taken() -> None:
    made = bench(deleted_names="taken")
    key = made.twin.add_department("Sales")
    made.twin.handle(TwinRequest("DELETE", f"{PATH}/{key}", (), {"authorization": "Bearer tok-000"}))
    with pytest.raises(Rejected) as caught:
        made.client.create(D, {"name": "Sales"})
    assert caught.value.rule == "name_taken"
    assert made.read().receipt.distinct == 0


def test_another_client_a_wrong_token_and_a_missing_permission_are_denied_at_the_first_call() -> None:
    for switches, text in (
        ({"client_id": "other"}, f"client {CLIENT_ID}"),
        ({"token": "other"}, "token"),
        ({"forbidden": True}, "permission"),
    ):
        made = bench(**switches)
        assert text in str(made.read().receipt.reason)
        with pytest.raises(Denied, match=text):
            made.client.observe(D, "x")
        assert len(made.asked) == 2


def test_a_throttled_write_waits_as_long_as_the_vendor_says_and_is_sent_again() -> None:
    clock = FakeClock()
    made = Bench(ScalePadTwin(now=clock.now, limit=1), clock)
    made.read()
    made.client.create(D, {"name": "A"})
    assert clock.slept == [pytest.approx(5.1)]
    assert [status for _, _, status in made.twin.log] == [200, 429, 201]
    assert len(made.twin.departments) == 1
