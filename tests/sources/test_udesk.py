import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from mappings.card import NameScope
from mappings.model import Op
from sources.errors import Denied, Gone, NotSent, Unknown, VendorError
from sources.http import Wire
from sources.secret import Scrubber
from sources.twin import TwinServer
from sources.udesk.client import UdeskClient
from sources.udesk.sandbox import UdeskTwin
from sources.udesk.settings import DEPARTMENTS, VENDOR
from sources.vendor import Connection
from tests.clock import FakeClock
from tests.sources.udesk_rig import SECRETS, Bench, D, bench, refusal

SQL = (Path(__file__).parents[2] / "mappings" / "udesk.sql").read_text(encoding="utf-8")


@pytest.fixture
def udesk() -> Iterator[Bench]:
    made = bench()
    yield made
    made.client.wire.close()


@pytest.mark.parametrize("throttle", ["429", "2000"])
def test_a_throttled_write_waits_for_the_next_minute_and_is_signed_anew(throttle: str) -> None:
    made = bench(throttle=throttle, limit_per_minute=1)
    made.records()
    made.clock.sleep(20)
    assert made.client.create(D, {"name": "A", "parent_id": None}) == "1"
    posts = [request for request in made.asked if request.method == "POST"]
    assert len(posts) == 2
    assert len({request.param("nonce") for request in posts}) == 2
    assert made.clock.slept[1] == pytest.approx(40, abs=0.2)
    assert made.twin.departments == {1: ("A", 0)}


def test_no_more_than_60_calls_leave_in_a_minute(udesk: Bench) -> None:
    for _ in range(61):
        udesk.records()
    assert sum(udesk.clock.slept) >= 59


def test_many_departments_are_observed_by_one_call(udesk: Bench) -> None:
    for name, parent in [("A", 0), ("B", 1)]:
        udesk.twin.add_department(name, parent)
    assert udesk.client.observe(D, "1").values == {"name": "A", "parent_id": None}
    assert udesk.client.observe(D, "2").values == {"name": "B", "parent_id": "1"}
    with pytest.raises(Gone):
        udesk.client.observe(D, "3")
    assert len(udesk.asked) == 1


def test_forgetting_asks_again(udesk: Bench) -> None:
    udesk.twin.add_department("A")
    udesk.client.observe(D, "1")
    udesk.twin.rename(1, "B")
    assert udesk.client.observe(D, "1").values["name"] == "A"
    udesk.client.forget()
    assert udesk.client.observe(D, "1").values["name"] == "B"


def test_a_list_that_was_read_for_another_reason_is_what_is_observed_next(udesk: Bench) -> None:
    udesk.twin.add_department("A")
    udesk.client.observe(D, "1")
    udesk.twin.rename(1, "B")
    list(udesk.client.walk(DEPARTMENTS))
    assert udesk.client.observe(D, "1").values["name"] == "B"


def test_what_was_written_is_observed_without_asking_again(udesk: Bench) -> None:
    udesk.twin.add_department("A")
    seen = udesk.client.observe(D, "1")
    key = udesk.client.create(D, {"name": "B", "parent_id": "1"})
    udesk.client.change(D, seen, {"name": "A2"})
    assert udesk.client.observe(D, key).values == {"name": "B", "parent_id": "1"}
    assert udesk.client.observe(D, "1").values == {"name": "A2", "parent_id": None}
    assert [request.method for request in udesk.asked] == ["GET", "POST", "PUT"]


def test_after_a_write_without_an_answer_the_list_is_asked_again(udesk: Bench) -> None:
    udesk.twin.add_department("A")
    seen = udesk.client.observe(D, "1")
    udesk.lose_answer(500, b"")
    with pytest.raises(Unknown):
        udesk.client.change(D, seen, {"name": "B"})
    assert udesk.client.observe(D, "1").values["name"] == "B"


@pytest.mark.parametrize("name", ["部" * 255, "😀" * 255, 'a"\\/<&>\n', "e\u0301"])
def test_a_create_sends_name_and_parent_and_gives_the_id_as_text(udesk: Bench, name: str) -> None:
    udesk.twin.add_department("A")
    assert udesk.client.create(D, {"name": name, "parent_id": "1"}) == "2"
    assert json.loads(udesk.asked[0].body) == {"name": name, "parent_id": 1}
    assert udesk.records()["2"] == (name, 1)


@pytest.mark.parametrize("values", [{"name": "A"}, {"name": "A", "parent_id": None}])
def test_a_department_at_the_top_is_created_below_the_number_0(udesk: Bench, values: dict[str, str | None]) -> None:
    udesk.client.create(D, values)
    assert udesk.asked[0].body == b'{"name":"A","parent_id":0}'


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b'{"code":1000,"id":1}'),
        (200, b"<html>gateway</html>"),
        (200, b""),
        (200, b'{"code":1000}'),
        (200, b'{"code":1000,"id":0}'),
        (200, b'{"code":1000,"id":true}'),
        (200, b'{"code":1000,"id":"1"}'),
        (200, b'{"code":20623,"message":"nonce used"}'),
        (404, b'{"error":"x"}'),
    ],
)
def test_a_create_without_a_usable_answer_is_unknown_and_sent_once(udesk: Bench, status: int, body: bytes) -> None:
    udesk.lose_answer(status, body)
    with pytest.raises(Unknown):
        udesk.client.create(D, {"name": "A", "parent_id": None})
    assert udesk.twin.departments == {1: ("A", 0)}
    assert len(udesk.asked) == 1


def test_a_used_nonce_lets_a_read_be_asked_again(udesk: Bench) -> None:
    udesk.answer_once(refusal(20623, "nonce used"))
    udesk.twin.add_department("A")
    assert udesk.records() == {"1": ("A", 0)}


def test_a_rename_sends_the_name_alone(udesk: Bench) -> None:
    udesk.twin.add_department("A")
    udesk.twin.add_department("B", 1)
    udesk.client.change(D, udesk.client.observe(D, "2"), {"name": "C"})
    put = udesk.asked[-1]
    assert (put.method, put.path, json.loads(put.body)) == ("PUT", "/open_api_v1/departments/2", {"name": "C"})
    assert udesk.twin.departments[2] == ("C", 1)


def test_a_move_is_never_sent(udesk: Bench) -> None:
    udesk.twin.add_department("A")
    seen = udesk.client.observe(D, "1")
    with pytest.raises(ValueError, match="parent_id"):
        udesk.client.change(D, seen, {"name": "B", "parent_id": "2"})
    assert udesk.twin.writes() == []


@pytest.mark.parametrize(
    "department",
    [None, {"id": 2, "name": "B", "parent_id": 0}, {"id": 1, "name": "A", "parent_id": 0}, {"name": "B"}],
)
def test_a_rename_whose_answer_shows_something_else_is_unknown(udesk: Bench, department: object) -> None:
    udesk.twin.add_department("A")
    seen = udesk.client.observe(D, "1")
    udesk.answer_once({"code": 1000, "department": department})
    with pytest.raises(Unknown):
        udesk.client.change(D, seen, {"name": "B"})


def test_the_token_stands_in_no_request_and_no_error(udesk: Bench) -> None:
    faults: list[VendorError] = []
    leaky = "tok-000 of admin@example.test and admin%40example.test"
    for body in (refusal(2000, leaky), refusal(2059, leaky), refusal(20622, leaky), refusal(9, leaky)):
        udesk.answer_once(body)
        with pytest.raises(VendorError) as caught:
            udesk.client.create(D, {"name": "A", "parent_id": None})
        faults.append(caught.value)
    udesk.answer_once(b"tok-000 of admin@example.test")
    with pytest.raises(Unknown) as garbled:
        udesk.client.create(D, {"name": "A", "parent_id": None})
    for fault in [*faults, garbled.value]:
        assert not any(secret in f"{fault} {fault!r}" for secret in ("tok-000", "admin@", "admin%40"))
    sent = [f"{request.path}{request.query}{dict(request.headers)}{request.body!r}" for request in udesk.asked]
    assert not any("tok-000" in text for text in sent)


def test_a_wrong_token_and_a_plain_user_are_denied_at_the_first_call() -> None:
    for made, text in ((bench(token="other"), "open_api_token"), (bench(admins=()), "administrator")):
        with pytest.raises(Denied, match=text):
            made.records()
        assert len(made.asked) == 1


def test_a_clock_that_is_off_is_named_by_the_sandboxs_date() -> None:
    clock, vendor = FakeClock(), FakeClock()
    vendor.sleep(412)
    made = Bench(UdeskTwin(now=vendor.now), clock)
    with pytest.raises(Denied, match="412 s behind"):
        made.records()


def test_nothing_leaves_when_nobody_listens() -> None:
    base = "http://127.0.0.1:1"
    wire = Wire(base, VENDOR.card({}).pace, clock=FakeClock())
    client = UdeskClient(Connection("c", "udesk", base, {}, SECRETS), wire, Scrubber())
    with pytest.raises(NotSent):
        client.create(D, {"name": "A", "parent_id": None})
    wire.close()


def test_the_card_says_what_udesk_can_hold() -> None:
    card = VENDOR.card({}).entities[D]
    assert card.carries == card.creates == {"name", "parent_id"}
    assert card.updates == {"name"}
    assert card.tree
    assert (card.name_max, card.name_scope) == (255, NameScope.COMPANY)
    assert card.refusals[Op.MOVE][0] == "vendor_cannot_move"
    assert card.refusals[Op.DEACTIVATE][0] == "vendor_cannot_deactivate"
    assert card.costs.keys() == {Op.CREATE, Op.RENAME, Op.DELETE}
    assert VENDOR.card({"name_scope": "parent"}).entities[D].name_scope is NameScope.PARENT
    with pytest.raises(ValueError, match="name_scope"):
        VENDOR.card({"name_scope": "none"})


def test_the_mapping_makes_one_shadow_of_each_record(udesk: Bench) -> None:
    udesk.twin.add_department("总部 😀")
    udesk.twin.add_department('B "x"', 1)
    (page,) = udesk.client.walk(DEPARTMENTS)
    with duckdb.connect() as base:
        base.execute("CREATE TABLE raw (resource VARCHAR, source_id VARCHAR, record VARCHAR)")
        rows = [[one.source_id, one.record.decode()] for one in page.rows]
        base.executemany("INSERT INTO raw VALUES ('departments', ?, ?)", rows)
        base.execute("INSERT INTO raw VALUES ('other', '9', '{}')")
        result = base.execute(f"{SQL} ORDER BY source_id")
        columns = [(column[0], str(column[1])) for column in result.description or ()]
        found = result.fetchall()
    assert columns == [
        ("entity", "VARCHAR"),
        ("source_id", "VARCHAR"),
        ("name", "VARCHAR"),
        ("description", "VARCHAR"),
        ("parent_source_id", "VARCHAR"),
        ("active", "BOOLEAN"),
        ("member_count", "BIGINT"),
        ("created_at", "TIMESTAMP WITH TIME ZONE"),
        ("updated_at", "TIMESTAMP WITH TIME ZONE"),
    ]
    assert found == [
        ("department", "1", "总部 😀", None, None, True, None, None, None),
        ("department", "2", 'B "x"', None, "1", True, None, None, None),
    ]


def test_the_whole_way_over_a_socket_is_the_same() -> None:
    twin = UdeskTwin()
    twin.add_department("总部 & Co")
    with TwinServer({"udesk": twin}) as server:
        wire = Wire(f"{server.url}/udesk", VENDOR.card({}).pace)
        client = UdeskClient(Connection("c", "udesk", server.url, {}, SECRETS), wire, Scrubber())
        assert client.create(D, {"name": "销售", "parent_id": "1"}) == "2"
        client.change(D, client.observe(D, "1"), {"name": "总部"})
        wire.close()
    assert twin.departments == {1: ("总部", 0), 2: ("销售", 1)}
