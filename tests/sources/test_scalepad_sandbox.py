import json
from typing import Any

import pytest

from sources.scalepad.sandbox import CLIENT_ID, ScalePadTwin
from sources.twin import Ticker, TwinReply, TwinRequest
from tests.clock import FakeClock

BASE = f"/clients/{CLIENT_ID}"
BEARER = {"authorization": "Bearer tok-000"}


def ask(twin: ScalePadTwin, method: str, path: str, body: Any = None, **query: str) -> TwinReply:
    content = json.dumps(body).encode() if body is not None else b""
    return twin.handle(TwinRequest(method, BASE + path, tuple(query.items()), BEARER, content))


def answered(twin: ScalePadTwin, method: str, path: str, body: Any = None, **query: str) -> Any:
    return json.loads(ask(twin, method, path, body, **query).body)


def names(answer: Any) -> list[str]:
    return [row["name"] for row in answer["data"]]


@pytest.fixture
def twin() -> ScalePadTwin:
    return ScalePadTwin(now=Ticker(FakeClock().now()))


def test_the_documented_create_gives_201_and_the_whole_department(twin: ScalePadTwin) -> None:
    sent = {"name": "Engineering", "description": "Software development and infrastructure teams"}
    reply = ask(twin, "POST", "/departments", sent)
    made = json.loads(reply.body)
    assert (reply.status, {key: made[key] for key in sent}, made["member_count"]) == (201, sent, 0)
    assert made["created_at"] == made["updated_at"] == "2026-03-01T08:00:01.000Z"
    assert answered(twin, "GET", f"/departments/{made['id']}") == made


def test_the_documented_refusals_have_the_documented_bodies(twin: ScalePadTwin) -> None:
    for body in ({}, {"name": ""}, {"name": " "}, {"name": None}):
        reply = ask(twin, "POST", "/departments", body)
        assert (reply.status, json.loads(reply.body)) == (
            400,
            {
                "error": {
                    "code": "invalid_request",
                    "message": "Department name is required",
                    "details": {"field": "name"},
                }
            },
        )
    twin.add_department("Engineering")
    reply = ask(twin, "POST", "/departments", {"name": "Engineering"})
    assert (reply.status, json.loads(reply.body)) == (
        409,
        {
            "error": {
                "code": "conflict",
                "message": "A department with this name already exists",
                "details": {"name": "Engineering"},
            }
        },
    )


def test_who_asks_without_token_for_another_client_or_without_permission_is_told_apart() -> None:
    twin = ScalePadTwin()
    request = TwinRequest("GET", f"{BASE}/departments")
    assert twin.handle(request).status == 401
    assert twin.handle(TwinRequest("GET", "/clients/other/departments", (), BEARER)).status == 404
    assert ask(ScalePadTwin(forbidden=True), "GET", "/departments").status == 403


def test_the_paths_may_stand_below_v2(twin: ScalePadTwin) -> None:
    assert twin.handle(TwinRequest("GET", f"/v2{BASE}/departments", (), BEARER)).status == 200
    assert twin.handle(TwinRequest("GET", "/v3/clients", (), BEARER)).status == 404


def test_a_page_holds_100_by_default_and_500_at_most(twin: ScalePadTwin) -> None:
    for number in range(501):
        twin.add_department(f"D{number:03}")
    first = answered(twin, "GET", "/departments")
    assert (len(first["data"]), first["total_count"]) == (100, 501)
    assert len(answered(twin, "GET", "/departments", page_size="500")["data"]) == 500
    for size in ("501", "0", "-1", "x"):
        reply = ask(twin, "GET", "/departments", page_size=size)
        assert (reply.status, json.loads(reply.body)["error"]["details"]) == (400, {"field": "page_size"})


@pytest.mark.parametrize(("switch", "shown"), [("null", {"next_cursor": None}), ("absent", {})])
def test_the_last_page_says_so_in_the_switched_way(switch: Any, shown: dict[str, None]) -> None:
    answer = answered(ScalePadTwin(next_cursor=switch), "GET", "/departments")
    assert answer == {"data": [], "total_count": 0, **shown}


def test_a_cursor_leads_on_and_serves_no_other_query(twin: ScalePadTwin) -> None:
    for name in ("c", "a", "b"):
        twin.add_department(name)
    first = answered(twin, "GET", "/departments", page_size="2")
    rest = answered(twin, "GET", "/departments", page_size="2", cursor=first["next_cursor"])
    assert (names(first), names(rest), rest["next_cursor"]) == (["a", "b"], ["c"], None)
    for query in ({"q": "a"}, {"sort_by": "created_at"}, {"sort_order": "desc"}, {"cursor": "nonsense"}):
        reply = ask(twin, "GET", "/departments", **{"cursor": first["next_cursor"], **query})
        assert (reply.status, json.loads(reply.body)["error"]["details"]) == (400, {"field": "cursor"})


def test_rows_are_found_by_a_part_of_the_name_and_sorted_as_asked(twin: ScalePadTwin) -> None:
    sales, support = twin.add_department("Sales"), twin.add_department("After-SALES support")
    twin.add_department("Legal")
    twin.add_user("u1", [support])
    assert names(answered(twin, "GET", "/departments", q="sales")) == ["After-SALES support", "Sales"]
    newest = answered(twin, "GET", "/departments", sort_by="created_at", sort_order="desc")
    assert names(newest) == ["Legal", "After-SALES support", "Sales"]
    by_members = answered(twin, "GET", "/departments", sort_by="member_count")
    assert names(by_members)[-1] == "After-SALES support"
    assert ask(twin, "GET", "/departments", sort_by="id").status == 400
    assert sales in twin.departments


def test_pages_are_no_snapshot(twin: ScalePadTwin) -> None:
    keys = [twin.add_department(name) for name in "abc"]
    first = answered(twin, "GET", "/departments", page_size="1")
    ask(twin, "DELETE", f"/departments/{keys[0]}")
    second = answered(twin, "GET", "/departments", page_size="1", cursor=first["next_cursor"])
    assert names(second) == ["c"]


def test_patch_changes_what_is_sent_and_null_clears_a_description(twin: ScalePadTwin) -> None:
    key = twin.add_department("A", "text")
    assert answered(twin, "PATCH", f"/departments/{key}", {"name": "B", "member_count": 9})["description"] == "text"
    changed = answered(twin, "PATCH", f"/departments/{key}", {"description": None})
    assert (changed["name"], changed["description"], changed["member_count"]) == ("B", None, 0)
    assert changed["updated_at"] > changed["created_at"]
    assert ask(twin, "PATCH", f"/departments/{key}", {"name": None}).status == 400
    assert ask(twin, "PATCH", f"/departments/{key}", {"description": 1}).status == 400
    assert ask(twin, "PATCH", f"/departments/{key}").status == 400


@pytest.mark.parametrize(("switch", "status"), [("casefold", 409), ("exact", 201)])
def test_names_clash_by_the_switched_comparison(switch: Any, status: int) -> None:
    twin = ScalePadTwin(name_compare=switch)
    twin.add_department("Sales")
    assert ask(twin, "POST", "/departments", {"name": " SALES "}).status == status


def test_a_department_may_be_renamed_to_its_own_name_but_not_to_anothers(twin: ScalePadTwin) -> None:
    key = twin.add_department("Sales")
    twin.add_department("Legal")
    assert ask(twin, "PATCH", f"/departments/{key}", {"name": "SALES"}).status == 200
    assert ask(twin, "PATCH", f"/departments/{key}", {"name": "legal"}).status == 409
    twin.rename(key, "Sold")
    assert ask(twin, "POST", "/departments", {"name": "Sales"}).status == 201


@pytest.mark.parametrize(("switch", "status"), [("free", 201), ("taken", 409)])
def test_a_deleted_department_is_hidden_everywhere_and_its_name_follows_the_switch(switch: Any, status: int) -> None:
    twin = ScalePadTwin(deleted_names=switch)
    key = twin.add_department("Sales")
    user = twin.add_user("u1", [key])
    reply = ask(twin, "DELETE", f"/departments/{key}")
    assert (reply.status, reply.body) == (204, b"")
    for method in ("GET", "PATCH", "DELETE"):
        gone = ask(twin, method, f"/departments/{key}", {})
        assert (gone.status, json.loads(gone.body)["error"]["details"]) == (404, {"department_id": key})
    assert answered(twin, "GET", f"/users/{user}")["departments"] == []
    assert twin.departments == {}
    assert ask(twin, "POST", "/departments", {"name": "Sales"}).status == status


def test_members_are_added_and_removed_one_by_one_and_unknown_ones_are_named(twin: ScalePadTwin) -> None:
    key, user = twin.add_department("Sales"), twin.add_user("u1")
    for path, count in [("members", 1), ("members", 1), ("members/remove", 0), ("members/remove", 0)]:
        answer = answered(twin, "POST", f"/departments/{key}/{path}", {"user_ids": [user, "nobody"]})
        assert (answer["succeeded"], [entry["id"] for entry in answer["failed"]]) == ([user], ["nobody"])
        assert answered(twin, "GET", f"/departments/{key}")["member_count"] == count
    assert ask(twin, "POST", f"/departments/{key}/members", {"user_ids": "x"}).status == 400


def test_setting_a_users_departments_replaces_them_all(twin: ScalePadTwin) -> None:
    sales, legal = twin.add_department("Sales"), twin.add_department("Legal")
    user = twin.add_user("u1", [sales])
    twin.add_user("u2")
    answer = answered(twin, "PATCH", f"/users/{user}", {"departments": [legal]})
    assert answer["departments"] == [{"id": legal, "name": "Legal"}]
    assert [row["id"] for row in answered(twin, "GET", "/users", department_id=legal)["data"]] == [user]
    assert answered(twin, "GET", "/users")["total_count"] == 2
    assert ask(twin, "GET", "/users/nobody").status == 404


def test_calls_over_the_limit_get_plain_text_and_the_seconds_to_wait() -> None:
    clock = FakeClock()
    twin = ScalePadTwin(now=clock.now, limit=2)
    replies = [ask(twin, "GET", "/departments") for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 429]
    assert (replies[2].headers["Retry-After"], replies[2].body[:1]) == ("5", b"T")
    clock.sleep(5)
    assert ask(twin, "GET", "/departments").status == 200


def test_the_same_history_gives_the_same_ids() -> None:
    made = [[twin.add_department(name) for name in "ab"] for twin in (ScalePadTwin(), ScalePadTwin())]
    assert made[0] == made[1]
    assert len(set(made[0])) == 2
