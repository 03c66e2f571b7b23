from collections.abc import Callable
from typing import Any

import pytest

from mappings.model import Entity
from sources.errors import Denied, NotSent, Rejected
from sources.twin import TwinReply, TwinRequest
from tests.sources.nexudus_rig import HTML, LOGIN, PAGED, Rig, new_twin, says


def test_a_missing_role_and_a_wrong_token_are_both_named_and_asked_once() -> None:
    twin = new_twin(roles=frozenset({"Team-List"}))
    number = twin.add_team(Name="T")
    rig = Rig(twin)
    with pytest.raises(Denied, match=r"credentials are wrong.*role Team-Read"):
        rig.client.observe(Entity.TEAM, str(number))
    with pytest.raises(Denied, match="role HelpDeskDepartment-Create"):
        rig.client.create(Entity.DEPARTMENT, {"name": "D", "description": "D"})
    assert rig.wire.calls == 2


def test_a_token_that_may_list_but_not_read_makes_no_teams_without_members() -> None:
    twin = new_twin(roles=frozenset({"Team-List"}))
    twin.add_team(Name="T", TeamMembers=[1])
    found = Rig(twin).read(Entity.TEAM)
    assert isinstance(found.fault, Denied)
    assert found.pages == ()


def test_a_password_fetches_one_token_for_a_whole_run() -> None:
    twin = new_twin(token=None, **LOGIN)
    twin.add_team(Name="T")
    rig = Rig(twin, LOGIN)
    for entity in PAGED:
        assert rig.receipt(entity).complete
    rig.client.create(Entity.TEAM, {"name": "N"})
    assert twin.desk.grants == ["password"]


def test_two_clients_of_one_user_do_not_end_each_others_sessions() -> None:
    twin = new_twin(token=None, **LOGIN)
    first, second = Rig(twin, LOGIN), Rig(twin, LOGIN)
    assert first.receipt(Entity.TEAM).complete
    assert second.receipt(Entity.TEAM).complete
    twin.desk.expire()
    assert first.receipt(Entity.TEAM).complete
    assert second.receipt(Entity.TEAM).complete


def test_an_expired_token_is_renewed_once_and_the_write_goes_through_once() -> None:
    twin = new_twin(token=None, **LOGIN)
    rig = Rig(twin, LOGIN)
    rig.client.create(Entity.TEAM, {"name": "A"})
    twin.desk.expire()
    rig.client.create(Entity.TEAM, {"name": "B"})
    assert (twin.desk.grants, len(twin.ids("team"))) == (["password", "refresh_token"], 2)


def test_a_missing_role_never_leads_to_more_than_one_renewal() -> None:
    twin = new_twin(token=None, roles=frozenset({"Team-List"}), **LOGIN)
    rig = Rig(twin, LOGIN)
    for _ in range(3):
        with pytest.raises(Denied, match="role Team-Create"):
            rig.client.create(Entity.TEAM, {"name": "A"})
    assert twin.desk.grants == ["password", "refresh_token"]
    assert rig.receipt(Entity.TEAM).complete


@pytest.mark.parametrize("status", [400, 401])
def test_a_wrong_password_is_tried_once_and_then_remembered(status: int) -> None:
    twin = new_twin(token=None, username=LOGIN["username"], password="another", login_refused_status=status)
    rig = Rig(twin, LOGIN)
    for _ in range(3):
        with pytest.raises(Denied, match="invalid_grant"):
            rig.client.create(Entity.TEAM, {"name": "A"})
    assert rig.wire.calls == 1


@pytest.mark.parametrize("fault", [says(500), says(200, HTML), says(200, b'{"access_token": "tok-cut-off-by-a-pr')])
def test_a_sign_in_without_an_answer_means_that_the_write_was_not_sent(fault: Any) -> None:
    twin = new_twin(token=None, **LOGIN)
    twin.faults.append(fault)
    with pytest.raises(NotSent) as raised:
        Rig(twin, LOGIN).client.create(Entity.TEAM, {"name": "A"})
    assert "tok-cut" not in str(raised.value)
    assert [path for _, path, _ in twin.log] == ["/api/token"]


@pytest.mark.parametrize("secrets", [{"token": "tok-000"}, LOGIN])
def test_no_error_repeats_a_secret_that_the_vendor_echoed(secrets: dict[str, str]) -> None:
    twin = new_twin(**LOGIN)
    sent: list[str] = []

    def echo(request: TwinRequest, real: Callable[[TwinRequest], TwinReply]) -> TwinReply:
        if request.path == "/api/token":
            twin.faults.append(echo)
            return real(request)
        held = request.headers["authorization"].removeprefix("Bearer ")
        sent.append(held)
        error = {"PropertyName": held, "Message": f"{held} {' '.join(secrets.values())}", "AttemptedValue": held}
        return TwinReply.of(400, {"Errors": [error], "WasSuccessful": False})

    twin.faults.append(echo)
    with pytest.raises(Rejected) as refusal:
        Rig(twin, secrets).client.create(Entity.TEAM, {"name": "A"})
    assert sent
    assert not any(secret in f"{refusal.value} {refusal.value.field}" for secret in (*sent, *secrets.values()))
