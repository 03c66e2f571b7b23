import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from mappings.card import NameScope
from mappings.model import Op
from sources.errors import Gone, Unavailable, Unknown, VendorError
from sources.http import ATTEMPTS, Wire
from sources.scalepad.client import ScalePadClient
from sources.scalepad.sandbox import CLIENT_ID, ScalePadTwin
from sources.scalepad.settings import DEPARTMENTS, VENDOR
from sources.secret import Scrubber, Secret
from sources.twin import TwinServer
from sources.vendor import Connection, Observed
from tests.sources.scalepad_rig import Bench, D, bench, refusal

SQL = (Path(__file__).parents[2] / "mappings" / "scalepad.sql").read_text(encoding="utf-8")


@pytest.fixture
def amm() -> Iterator[Bench]:
    made = bench()
    yield made
    made.client.wire.close()


def test_one_department_is_observed_by_its_id(amm: Bench) -> None:
    key = amm.twin.add_department("A", "text")
    seen = amm.client.observe(D, key)
    assert (seen.source_id, seen.values) == (key, {"name": "A", "description": "text"})
    assert seen.record["member_count"] == 0
    with pytest.raises(Gone):
        amm.client.observe(D, "missing")


def test_the_answer_to_another_question_is_no_answer(amm: Bench) -> None:
    for _ in range(ATTEMPTS):
        amm.answer_once({"id": "other", "name": "A"})
    with pytest.raises(Unavailable):
        amm.client.observe(D, "mine")


@pytest.mark.parametrize("name", ["部" * 255, "😀" * 255, 'a"\\/\n'])
def test_a_create_sends_only_what_has_a_value_and_gives_the_id(amm: Bench, name: str) -> None:
    key = amm.client.create(D, {"name": name, "description": None})
    assert json.loads(amm.asked[0].body) == {"name": name}
    assert amm.twin.departments == {key: (name, None)}
    other = amm.client.create(D, {"name": "B", "description": "text"})
    assert amm.twin.departments[other] == ("B", "text")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b""),
        (201, b""),
        (201, b"<html>"),
        (201, b'{"name":"A"}'),
        (201, b'{"id":"","name":"A"}'),
        (201, b'{"id":7,"name":"A"}'),
        (201, b'{"id":"x","name":"B"}'),
        (200, b'{"id":"x","name":"A"}'),
        (202, b"{}"),
        (400, b"Bad Request"),
        (409, b""),
    ],
)
def test_a_create_without_a_usable_answer_is_unknown_and_sent_once(amm: Bench, status: int, body: bytes) -> None:
    amm.lose_answer(status, body)
    with pytest.raises(Unknown):
        amm.client.create(D, {"name": "A"})
    assert [name for name, _ in amm.twin.departments.values()] == ["A"]
    assert len(amm.asked) == 1


def test_a_change_sends_only_the_fields_that_differ(amm: Bench) -> None:
    key = amm.twin.add_department("A", "text")
    seen = amm.client.observe(D, key)
    amm.client.change(D, seen, {"name": "B", "description": "text"})
    assert (amm.asked[-1].method, json.loads(amm.asked[-1].body)) == ("PATCH", {"name": "B"})
    assert amm.twin.departments[key] == ("B", "text")


def test_a_description_of_none_is_cleared_and_an_absent_one_left_alone(amm: Bench) -> None:
    key = amm.twin.add_department("A", "text")
    seen = amm.client.observe(D, key)
    amm.client.change(D, seen, {"name": "B"})
    assert amm.twin.departments[key] == ("B", "text")
    amm.client.change(D, amm.client.observe(D, key), {"description": None})
    assert json.loads(amm.asked[-1].body) == {"description": None}
    assert amm.twin.departments[key] == ("B", None)


def test_a_change_of_nothing_is_not_sent(amm: Bench) -> None:
    key = amm.twin.add_department("A", "text")
    amm.client.change(D, amm.client.observe(D, key), {"name": "A", "description": "text"})
    assert amm.twin.writes() == []


def test_a_change_of_a_department_that_vanished_is_gone(amm: Bench) -> None:
    with pytest.raises(Gone):
        amm.client.change(D, Observed("missing", {"name": "A"}, {}), {"name": "B"})


def test_a_change_whose_answer_shows_another_record_is_unknown(amm: Bench) -> None:
    key = amm.twin.add_department("A")
    seen = amm.client.observe(D, key)
    amm.answer_once({"id": "other", "name": "B"})
    with pytest.raises(Unknown):
        amm.client.change(D, seen, {"name": "B"})


def test_the_token_stands_in_no_error_and_not_in_the_log(amm: Bench) -> None:
    for status in (400, 404, 409, 500, 201):
        amm.answer_once(refusal("x", "your token is tok-000"), status)
        with pytest.raises(VendorError) as caught:
            amm.client.create(D, {"name": "A"})
        assert "tok-000" not in f"{caught.value} {caught.value!r}"
    assert "tok-000" not in str(amm.twin.log) + repr(amm.client._auth)


def test_the_card_says_what_scalepad_can_hold() -> None:
    card = VENDOR.card({"client_id": CLIENT_ID}).entities[D]
    assert card.carries == card.creates == card.updates == {"name", "description"}
    assert not card.tree
    assert (card.name_max, card.name_scope) == (None, NameScope.COMPANY)
    assert card.refusals[Op.MOVE][0] == "vendor_cannot_move"
    assert {op: (cost.reads, cost.writes) for op, cost in card.costs.items()} == {
        Op.CREATE: (0, 1),
        Op.RENAME: (2, 1),
        Op.UPDATE: (2, 1),
        Op.DELETE: (1, 1),
    }
    assert card.refusals[Op.DEACTIVATE][0] == "vendor_cannot_deactivate"


def test_the_costs_are_the_calls_that_are_made(amm: Bench) -> None:
    costs = VENDOR.card({}).entities[D].costs
    key = amm.client.create(D, {"name": "A"})  # what was made, a list shows
    assert len(amm.asked) == costs[Op.CREATE].reads + costs[Op.CREATE].writes
    amm.asked.clear()
    amm.client.change(D, amm.client.observe(D, key), {"name": "B"})
    amm.client.observe(D, key)
    assert len(amm.asked) == costs[Op.RENAME].reads + costs[Op.RENAME].writes


def test_the_mapping_makes_one_shadow_of_each_record(amm: Bench) -> None:
    first = amm.twin.add_department("总部 😀", 'a "text"')
    second = amm.twin.add_department("B")
    amm.twin.add_user("u1", [first])
    rows = [row for rows in amm.read().pages for row in rows]
    odd = json.dumps({"id": "odd", "name": "C", "member_count": "many", "created_at": "yesterday"})
    with duckdb.connect() as base:
        base.execute("SET TimeZone = 'UTC'")
        base.execute("CREATE TABLE raw (resource VARCHAR, source_id VARCHAR, record VARCHAR)")
        base.executemany(
            "INSERT INTO raw VALUES ('departments', ?, ?)", [[r.source_id, r.record.decode()] for r in rows]
        )
        base.execute("INSERT INTO raw VALUES ('departments', 'odd', ?), ('users', 'u', '{}')", [odd])
        result = base.execute(f"{SQL} ORDER BY name")
        columns = [(column[0], str(column[1])) for column in result.description or ()]
        found = [(*row[:7], *(stamp and stamp.isoformat() for stamp in row[7:])) for row in result.fetchall()]
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
    one, two = "2026-03-01T08:00:01+00:00", "2026-03-01T08:00:02+00:00"
    assert found == [
        ("department", second, "B", None, None, True, 0, two, two),
        ("department", "odd", "C", None, None, True, None, None, None),
        ("department", first, "总部 😀", 'a "text"', None, True, 1, one, one),
    ]


def test_the_whole_way_over_a_socket_is_the_same() -> None:
    twin = ScalePadTwin()
    with TwinServer({"scalepad": twin}) as server:
        base = f"{server.url}/scalepad/v2"
        wire = Wire(base, VENDOR.card({}).pace)
        connection = Connection("amm", "scalepad", base, {"client_id": CLIENT_ID}, {"token": Secret("tok-000")})
        client = ScalePadClient(connection, wire, Scrubber())
        key = client.create(D, {"name": "销售", "description": "a & b"})
        client.change(D, client.observe(D, key), {"name": "Sales"})
        assert [len(page.rows) for page in client.walk(DEPARTMENTS)] == [1]
        wire.close()
    assert twin.departments == {key: ("Sales", "a & b")}
