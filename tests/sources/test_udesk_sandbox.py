import json
from typing import Any

import pytest

from sources.twin import TwinRequest
from sources.udesk.sandbox import UdeskTwin
from tests.clock import FakeClock
from tests.sources.udesk_rig import answered, ask, said, signed

DOCUMENTED = {
    "code": 1000,
    "departments": [
        {
            "id": 1,
            "name": "Department 1",
            "sub_department": [
                {
                    "id": 10,
                    "name": "Sub-department 1",
                    "sub_department": [{"id": 11, "name": "Sub-department 2", "sub_department": []}],
                },
                {"id": 11, "name": "Sub-department 2", "sub_department": []},
            ],
        },
        {"id": 2, "name": "Department 2", "sub_department": []},
        {"id": 3, "name": "Department 3", "sub_department": []},
    ],
}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def twin(clock: FakeClock) -> UdeskTwin:
    return UdeskTwin(now=clock.now)


def seed_sample(twin: UdeskTwin) -> None:
    twin.add_department("Department 1", id=1)
    twin.add_department("Department 2", id=2)
    twin.add_department("Department 3", id=3)
    twin.add_department("Sub-department 1", 1, id=10)
    twin.add_department("Sub-department 2", 10, id=11)


def test_the_subtree_listing_is_the_documented_sample_to_the_letter(clock: FakeClock) -> None:
    twin = UdeskTwin(now=clock.now, listing="subtree")
    seed_sample(twin)
    assert answered(twin, clock, "GET") == DOCUMENTED


def test_the_tree_listing_shows_each_department_once(twin: UdeskTwin, clock: FakeClock) -> None:
    seed_sample(twin)
    assert ask(twin, clock, "GET").body.count(b'"id": 11') == 1


def test_the_documented_create_and_edit_give_the_documented_answers(twin: UdeskTwin, clock: FakeClock) -> None:
    for number in range(1, 5):
        twin.add_department(f"Department {number}")
    assert answered(twin, clock, "POST", body={"name": "Department 12", "parent_id": 1}) == {"code": 1000, "id": 5}
    assert answered(twin, clock, "PUT", "/5", {"name": "New Department 12"}) == {
        "code": 1000,
        "department": {"id": 5, "name": "New Department 12", "parent_id": 1},
    }
    assert answered(twin, clock, "DELETE", "/5") == {
        "code": 1000,
        "message": "Department with ID 5 deleted successfully",
    }
    assert 5 not in twin.departments


def test_put_ignores_parent_id_and_says_nothing(twin: UdeskTwin, clock: FakeClock) -> None:
    twin.add_department("A")
    twin.add_department("B")
    answer = answered(twin, clock, "PUT", "/2", {"name": "B2", "parent_id": 1})
    assert answer == {"code": 1000, "department": {"id": 2, "name": "B2", "parent_id": 0}}
    assert twin.departments[2] == ("B2", 0)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"name": "Taken"}, "Verification failed: Name already in use"),
        ({"name": "New", "parent_id": 99}, "Non-existent parent department with parent_id 99"),
        ({"name": "New", "parent_id": -1}, "The provided parent_id is not a non-negative integer"),
        ({"name": "New", "parent_id": "x"}, "The provided parent_id is not a non-negative integer"),
        ({"name": "New", "parent_id": True}, "The provided parent_id is not a non-negative integer"),
        ({"name": " "}, "Verification failed: Name can't be blank"),
        ({}, "param is missing or the value is empty: name"),
        ({"name": "部" * 256}, "Verification failed: Name is too long (maximum is 255 characters)"),
    ],
)
def test_a_create_that_breaks_a_rule_is_refused_with_its_text(
    twin: UdeskTwin, clock: FakeClock, body: dict[str, Any], text: str
) -> None:
    twin.add_department("Taken")
    answer = answered(twin, clock, "POST", body=body)
    assert (answer["code"], answer["message"], said(answer)) == (2000, "Unknown error", text)
    assert len(twin.departments) == 1


@pytest.mark.parametrize("path", ["/99", "/x", "/"])
def test_an_unknown_or_malformed_id_is_not_found(twin: UdeskTwin, clock: FakeClock, path: str) -> None:
    for method in ("PUT", "DELETE"):
        assert said(answered(twin, clock, method, path, {"name": "A"})) == "The resource was not found"


def test_a_numeric_text_and_no_parent_at_all_are_accepted(twin: UdeskTwin, clock: FakeClock) -> None:
    answered(twin, clock, "POST", body={"name": "A"})
    answered(twin, clock, "POST", body={"name": "B", "parent_id": "1"})
    assert twin.departments == {1: ("A", 0), 2: ("B", 1)}


def test_names_are_unique_in_the_company_or_below_one_parent(clock: FakeClock) -> None:
    for scope, code in [("company", 2000), ("parent", 1000)]:
        twin = UdeskTwin(now=clock.now, name_scope=scope)  # type: ignore[arg-type] # a literal from the list
        twin.add_department("Europe")
        twin.add_department("Support", 1)
        assert answered(twin, clock, "POST", body={"name": "Support", "parent_id": 0})["code"] == code
        assert answered(twin, clock, "POST", body={"name": "Support", "parent_id": 1})["code"] == 2000


def test_a_name_that_was_given_up_is_free_again(twin: UdeskTwin, clock: FakeClock) -> None:
    twin.add_department("Old")
    twin.rename(1, "New")
    assert answered(twin, clock, "POST", body={"name": "Old"})["code"] == 1000
    assert answered(twin, clock, "PUT", "/1", {"name": "New"})["code"] == 1000


@pytest.mark.parametrize(
    ("switch", "left"),
    [
        ("refuse", {1: ("A", 0), 2: ("B", 1), 3: ("C", 2)}),
        ("cascade", {}),
        ("orphan", {2: ("B", 0), 3: ("C", 2)}),
    ],
)
def test_deleting_a_department_with_others_below_follows_the_switch(
    clock: FakeClock, switch: Any, left: dict[int, tuple[str, int]]
) -> None:
    twin = UdeskTwin(now=clock.now, on_delete_nonempty=switch)
    for name, parent in [("A", 0), ("B", 1), ("C", 2)]:
        twin.add_department(name, parent)
    answered(twin, clock, "DELETE", "/1")
    assert twin.departments == left


@pytest.mark.parametrize(("throttle", "status"), [("429", 429), ("2000", 200)])
def test_a_call_over_the_limit_is_refused_until_a_minute_has_passed(
    clock: FakeClock, throttle: Any, status: int
) -> None:
    twin = UdeskTwin(now=clock.now, throttle=throttle, limit_per_minute=2)
    assert [ask(twin, clock, "GET").status for _ in range(3)] == [200, 200, status]
    clock.sleep(60)
    assert answered(twin, clock, "GET")["code"] == 1000


def test_refusals_take_the_switched_status_and_language_and_codes_may_be_text(clock: FakeClock) -> None:
    twin = UdeskTwin(now=clock.now, error_status=422, language="zh", code_as_text=True)
    reply = ask(twin, clock, "POST", body={"name": "A", "parent_id": 7})
    assert reply.status == 422
    assert json.loads(reply.body) == {
        "code": "2000",
        "message": "未知错误",
        "exception": {"message": "不存在parent_id为7的上级部门"},
    }


def test_there_is_no_call_for_one_department_and_none_for_other_things(twin: UdeskTwin, clock: FakeClock) -> None:
    twin.add_department("A")
    assert ask(twin, clock, "GET", "/1").status == 404
    assert twin.handle(TwinRequest("GET", "/open_api_v1/user_groups", signed(clock))).status == 404
