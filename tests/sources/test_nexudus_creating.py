from datetime import timedelta, timezone
from typing import Any

import pytest

from mappings.card import Pace, Rate
from mappings.model import Entity, Value
from sources.errors import Denied, Rejected, Throttled, Unknown, VendorError
from sources.http import ATTEMPTS
from tests.sources.nexudus_rig import (
    DUE,
    HTML,
    PAGED,
    Rig,
    bodies,
    does_then_says,
    filled_twin,
    new_twin,
    says,
    task_values,
    tells,
)


@pytest.mark.parametrize("whole", [False, True])
def test_what_is_created_reads_back_equal(whole: bool) -> None:  # noqa: FBT001 - a parameter of the test
    twin, coworker, user = filled_twin(post_returns_record=whole)
    client = Rig(twin).client
    wanted: dict[Entity, dict[str, Value]] = {
        Entity.DEPARTMENT: {"name": "支持", "description": "Helps"},
        Entity.TEAM: {"name": "Crème", "description": None},
        Entity.TASK: task_values(coworker, user, notes="n", completed=True, due_at=DUE),
    }
    for entity, values in wanted.items():
        number = client.create(entity, values)
        on = {"active": True} if entity is Entity.DEPARTMENT else {}
        assert client.observe(entity, number).values == {**values, **on}
        assert twin.record(PAGED[entity], int(number))["BusinessId"] == 123


def test_a_created_department_is_active() -> None:
    twin = new_twin()
    number = Rig(twin).client.create(Entity.DEPARTMENT, {"name": "D", "description": "D"})
    assert twin.record("department", int(number))["Active"] is True


def test_a_due_date_is_sent_in_utc_with_a_z() -> None:
    twin, coworker, user = filled_twin()
    there = DUE.astimezone(timezone(timedelta(hours=8)))
    sent = bodies(twin)
    Rig(twin).client.create(Entity.TASK, task_values(coworker, user, due_at=there))
    assert sent[0]["DueDate"] == "2026-07-01T09:30:00Z"


def test_a_refused_create_names_the_property_in_the_vendors_words() -> None:
    twin = new_twin()
    with pytest.raises(Rejected, match="is a required field") as refusal:
        Rig(twin).client.create(Entity.DEPARTMENT, {"description": "d"})
    assert (refusal.value.field, refusal.value.rule) == ("Name", "vendor_rejected")
    assert twin.ids("department") == []


def test_a_department_that_nobody_describes_is_made_and_reads_back_as_undescribed() -> None:
    twin = new_twin()
    client = Rig(twin).client
    made = client.create(Entity.DEPARTMENT, {"name": "D"})
    seen = client.observe(Entity.DEPARTMENT, made)
    assert seen.values == {"name": "D", "description": None, "active": True}
    client.change(Entity.DEPARTMENT, seen, {"name": "E"})
    client.change(Entity.DEPARTMENT, client.observe(Entity.DEPARTMENT, made), {"description": "told"})
    client.change(Entity.DEPARTMENT, client.observe(Entity.DEPARTMENT, made), {"description": None})
    assert client.observe(Entity.DEPARTMENT, made).values == {"name": "E", "description": None, "active": True}
    assert twin.record("department", int(made))["Description"] == "(no description)"


@pytest.mark.parametrize(
    ("values", "field"), [({"parent_id": "5"}, "parent_id"), ({"subject_id": "user:9"}, "subject_id")]
)
def test_what_nexudus_cannot_hold_is_refused_before_it_is_sent(values: dict[str, Value], field: str) -> None:
    rig = Rig(new_twin())
    with pytest.raises(Rejected) as refusal:
        rig.client.create(Entity.TASK, values)
    assert (refusal.value.field, rig.wire.calls) == (field, 0)


REFUSED_200 = {
    "Status": 200,
    "Value": None,
    "Errors": [{"PropertyName": "Name", "Message": "no"}],
    "WasSuccessful": False,
}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (tells(200, REFUSED_200), Rejected),
        (tells(400, {"Status": 500, "Message": "Name: no", "Errors": None, "WasSuccessful": False}), Rejected),
        (tells(409, {**REFUSED_200, "Status": 409}), Rejected),
        (tells(200, {"WasSuccessful": False, "Errors": None, "Value": None}), Unknown),
        (tells(200, {"WasSuccessful": "true", "Value": {"Id": 5}}), Unknown),
        (tells(200, {"WasSuccessful": True, "Value": {"Id": True}}), Unknown),
        (tells(200, {"WasSuccessful": True, "Value": {"Id": "5"}}), Unknown),
        (tells(200, {"WasSuccessful": True, "Value": None}), Unknown),
        (tells(200, {"Status": 200, "Message": "Team was successfully created."}), Unknown),
        (tells(400, {"Message": "The request is invalid."}), Unknown),
        (says(400, HTML), Unknown),
        (says(404, HTML), Unknown),
        (says(405), Unknown),
        (says(408), Unknown),
        (says(413, HTML), Unknown),
        (says(200, HTML), Unknown),
        (says(200), Unknown),
        (says(204), Unknown),
        (tells(500, {"Message": "An error has occurred."}), Unknown),
        (says(502, HTML), Unknown),
        (says(503, b"", Retry_After="1"), Unknown),
        (says(401), Denied),
        (says(401, HTML), Denied),
        (says(403), Denied),
        (tells(404, "Not found"), Denied),
        (says(302, b"", Location="https://elsewhere.example.test/"), Denied),
    ],
)
def test_every_answer_to_a_create_is_told_apart_and_none_is_sent_twice(fault: Any, error: type[VendorError]) -> None:
    twin = new_twin()
    twin.faults.append(fault)
    with pytest.raises(VendorError) as raised:
        Rig(twin).client.create(Entity.TEAM, {"name": "T"})
    assert type(raised.value) is error or (error is Denied and isinstance(raised.value, Denied))
    assert len(twin.writes()) == 1


@pytest.mark.parametrize("answer", [(500, b""), (502, HTML), (200, HTML), (200, b""), (404, b"")])
def test_a_create_that_took_effect_behind_a_bad_answer_is_unknown_and_never_sent_again(
    answer: tuple[int, bytes],
) -> None:
    twin = new_twin()
    twin.faults.append(does_then_says(*answer))
    with pytest.raises(Unknown):
        Rig(twin).client.create(Entity.TEAM, {"name": "T"})
    assert len(twin.ids("team")) == 1
    assert len(twin.writes()) == 1


@pytest.mark.parametrize("throttle", [says(409, b"", Retry_After="1"), says(409), says(429, b"slow", Retry_After="1")])
def test_a_throttled_create_is_sent_again_after_the_wait_and_counted(throttle: Any) -> None:
    twin = new_twin()
    twin.faults.append(throttle)
    rig = Rig(twin)
    rig.client.create(Entity.TEAM, {"name": "T"})
    assert (len(twin.ids("team")), rig.wire.calls, rig.wire.retries) == (1, 2, 1)
    assert sum(rig.clock.slept) >= 0.5


@pytest.mark.parametrize("status", [409, 429])
def test_an_account_that_stays_throttled_ends_as_throttled_with_nothing_made(status: int) -> None:
    twin = new_twin(throttle=0, throttle_status=status)
    rig = Rig(twin)
    with pytest.raises(Throttled):
        rig.client.create(Entity.TEAM, {"name": "T"})
    assert (twin.ids("team"), rig.wire.retries) == ([], ATTEMPTS - 1)


def test_a_throttled_read_is_counted_on_its_receipt() -> None:
    twin = new_twin()
    twin.faults.extend([says(409, b"", Retry_After="1"), says(429)])
    receipt = Rig(twin).receipt(Entity.TASK)
    assert (receipt.complete, receipt.retries, receipt.calls) == (True, 2, 3)


def test_writes_keep_to_sixty_a_minute() -> None:
    rig = Rig(new_twin(), pace=Pace(writes=Rate(60, 60.0)))
    for number in range(61):
        rig.client.create(Entity.TEAM, {"name": f"T{number}"})
    assert 59 <= sum(rig.clock.slept) <= 61
