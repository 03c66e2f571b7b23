import json
from datetime import UTC, datetime

import pytest

from mappings.card import Pace
from mappings.model import Entity
from sources.http import Wire
from sources.nexudus.client import NexudusClient
from sources.nexudus.sandbox import NexudusTwin
from sources.secret import Scrubber, Secret
from sources.twin import TwinServer
from sources.vendor import Connection
from tests.sources.nexudus_rig import DEPARTMENTS, LOGIN, TASKS, TEAMS, ask, filled_twin, new_twin


def test_a_create_answers_the_documented_envelope() -> None:
    twin = new_twin()
    reply = ask(twin, "POST", DEPARTMENTS, {"BusinessId": 123, "Name": "D", "Description": "d"})
    told = json.loads(reply.body)
    assert reply.status == 200
    assert told.pop("UpdatedOn").endswith("Z")
    assert told == {
        "Status": 200,
        "Message": "HelpDeskDepartment was successfully created.",
        "Value": {"Id": twin.ids("department")[0]},
        "OpenInDialog": False,
        "OpenInWindow": False,
        "RedirectURL": None,
        "JavaScript": None,
        "UpdatedBy": "admin@example.test",
        "Errors": None,
        "WasSuccessful": True,
    }


def test_a_missing_field_answers_the_documented_refusal_and_makes_nothing() -> None:
    twin = new_twin()
    reply = ask(twin, "POST", TEAMS, {"BusinessId": 123})
    error = {"AttemptedValue": None, "Message": "is a required field", "PropertyName": "Name"}
    refusal = {"Message": "Name: is a required field", "Value": None, "Errors": [error], "WasSuccessful": False}
    assert (reply.status, json.loads(reply.body), twin.ids("team")) == (400, refusal, [])


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_id_answers_404_with_a_json_string(method: str) -> None:
    reply = ask(new_twin(), method, f"{TEAMS}/5")
    assert (reply.status, json.loads(reply.body)) == (404, "Not found")


def test_a_delete_takes_the_record_away_and_answers_no_value() -> None:
    twin = new_twin()
    reply = ask(twin, "DELETE", f"{TEAMS}/{twin.add_team(Name='T')}")
    assert (reply.status, json.loads(reply.body)["Value"], twin.ids("team")) == (200, None, [])


def test_a_put_names_the_record_in_its_body_and_not_in_its_path() -> None:
    twin = new_twin()
    number = twin.add_team(Name="T")
    body = {"Id": number, "BusinessId": 123, "Name": "N"}
    assert ask(twin, "PUT", f"{TEAMS}/{number}", body).status == 405
    assert ask(twin, "PUT", TEAMS, {**body, "Id": 5}).status == 404
    assert ask(twin, "PUT", TEAMS, body).status == 200
    assert twin.record("team", number)["Name"] == "N"


def test_a_put_clears_what_it_does_not_send() -> None:
    twin = new_twin()
    number = twin.add_team(Name="T", Description="d", ProfileIsPublic=True, TeamMembers=[1], SystemId="ours-1")
    ask(twin, "PUT", TEAMS, {"Id": number, "BusinessId": 123, "Name": "T"})
    after = twin.record("team", number)
    assert (after["Description"], after["ProfileIsPublic"], after["TeamMembers"]) == (None, False, [])
    assert after["SystemId"] is None


def test_added_and_removed_members_are_applied_after_the_full_list() -> None:
    twin = new_twin()
    number = twin.add_team(Name="T")
    body = {"Id": number, "BusinessId": 123, "Name": "T", "TeamMembers": [1, 2]}
    ask(twin, "PUT", TEAMS, {**body, "AddedTeamMembers": [3], "RemovedTeamMembers": [1]})
    assert twin.record("team", number)["TeamMembers"] == [2, 3]


@pytest.mark.parametrize(("local_wins", "due"), [(False, "2026-07-02T09:30:00Z"), (True, "2026-07-01T09:30:00Z")])
def test_a_stale_local_date_undoes_a_change_only_where_it_wins(local_wins: bool, due: str) -> None:  # noqa: FBT001 - a parameter
    twin, coworker, user = filled_twin(due_date_local_wins=local_wins)
    number = twin.add_task(Name="K", DueDate="2026-07-01T09:30:00Z", CoworkerId=coworker, ResponsibleId=user)
    ask(twin, "PUT", TASKS, {**twin.record("task", number), "DueDate": "2026-07-02T09:30:00Z"})
    assert twin.record("task", number)["DueDate"] == due


def test_a_task_for_nobody_is_refused_by_the_relations_name() -> None:
    twin, coworker, _ = filled_twin()
    body = {"BusinessId": 123, "Name": "K", "CoworkerId": coworker, "ResponsibleId": 5}
    reply = ask(twin, "POST", TASKS, body)
    assert (reply.status, json.loads(reply.body)["Errors"][0]["PropertyName"]) == (400, "Responsible")


@pytest.mark.parametrize(("honours", "held"), [(True, "ours-1"), (False, None)])
def test_a_post_keeps_the_callers_key_where_the_switch_says_so(honours: bool, held: str | None) -> None:  # noqa: FBT001 - a parameter
    twin = new_twin(honours_system_id=honours)
    ask(twin, "POST", TEAMS, {"BusinessId": 123, "Name": "T", "SystemId": "ours-1"})
    assert twin.record("team", twin.ids("team")[0])["SystemId"] == held


@pytest.mark.parametrize("status", [409, 429])
def test_the_sixty_first_write_of_a_minute_is_throttled_without_a_body(status: int) -> None:
    moment = [datetime(2026, 3, 1, 8, tzinfo=UTC)]
    twin = NexudusTwin(now=lambda: moment[0], throttle=60, throttle_status=status)
    replies = [ask(twin, "POST", TEAMS, {"BusinessId": 123, "Name": "T"}) for _ in range(61)]
    assert {reply.status for reply in replies[:60]} == {200}
    assert (replies[60].status, replies[60].body, replies[60].headers["Retry-After"]) == (status, b"", "1")
    moment[0] = moment[0].replace(minute=1)
    assert ask(twin, "POST", TEAMS, {"BusinessId": 123, "Name": "T"}).status == 200


def test_a_field_that_the_vendor_does_not_have_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="Nmae"):
        new_twin().add_team(Nmae="T")


def test_the_client_works_over_loopback_with_a_mount_in_its_base_url() -> None:
    twin = new_twin(token=None, **LOGIN)
    with TwinServer({"hq": twin}) as server:
        wire = Wire(f"{server.url}/hq", Pace())
        secrets = {key: Secret(value) for key, value in LOGIN.items()}
        client = NexudusClient(Connection("hq", "nexudus", server.url, {"business_id": 123}, secrets), wire, Scrubber())
        number = client.create(Entity.TEAM, {"name": "支持"})
        seen = client.observe(Entity.TEAM, number)
        client.change(Entity.TEAM, seen, {"name": "Ünit"})
        wire.close()
    assert twin.record("team", int(number))["Name"] == "Ünit"


def test_two_sandboxes_with_the_same_clock_hold_the_same_records() -> None:
    one, other = new_twin(), new_twin()
    assert one.record("team", one.add_team(Name="T")) == other.record("team", other.add_team(Name="T"))
