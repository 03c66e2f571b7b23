"""Tokens that wear out, doors that close, clocks that are off: asked once, renewed once, never in a loop."""

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest

from mappings.model import Entity
from sources.errors import Denied, NotSent
from sources.twin import TwinReply, TwinRequest
from tests.sources.nexudus_rig import LOGIN, TEAMS, Rig, new_twin, says

Real = Callable[[TwinRequest], TwinReply]


def signed_in(teams: int = 5, **switches: Any) -> Rig:
    """A connection by name and password to an account with some teams, already used once."""
    twin = new_twin(token=None, **LOGIN, **switches)
    for number in range(teams):
        twin.add_team(Name=f"T{number}")
    rig = Rig(twin, LOGIN)
    rig.client.observe(Entity.TEAM, str(twin.ids("team")[0]))
    twin.log.clear()
    return rig


def expiring(rig: Rig, after: int) -> None:
    """Let the token wear out after so many more requests."""

    def expire(_request: TwinRequest, _real: Real) -> None:
        rig.twin.desk.expire()

    rig.twin.faults.extend([lambda _request, _real: None] * after)
    rig.twin.faults.append(expire)


@pytest.mark.parametrize("after", range(6))
def test_a_token_that_wears_out_in_a_walk_costs_one_refresh_and_one_page(after: int) -> None:
    rig = signed_in()
    expiring(rig, after)
    receipt = rig.receipt(Entity.TEAM, page_size=2)
    assert (receipt.complete, receipt.walks, receipt.distinct) == (True, 1, 5)
    assert rig.twin.desk.grants == ["password", "refresh_token"]
    reads = [entry for entry in rig.twin.log if entry[1] != "/api/token"]
    assert len(reads) == 3 + 3 + 1
    assert [status for _, _, status in reads].count(401) == 1


def test_a_token_that_is_refused_again_ends_the_read_and_names_the_role() -> None:
    rig = signed_in()

    def always(request: TwinRequest, real: Real) -> TwinReply | None:
        return real(request) if request.path == "/api/token" else TwinReply(401)

    rig.twin.faults.extend([always] * 100)
    for told in (
        "the credentials are right, so their user lacks the role Team-List",
        "role Team-List",
        "role Team-List",
    ):
        found = rig.read(Entity.TEAM)
        assert isinstance(found.fault, Denied)
        assert told in str(found.fault)
    assert rig.twin.desk.grants == ["password", "refresh_token"]


def test_a_second_expiry_in_one_run_is_not_renewed_again() -> None:
    rig = signed_in()
    for entity, complete in ((Entity.TEAM, True), (Entity.DEPARTMENT, False), (Entity.TASK, False)):
        rig.twin.desk.expire()
        assert rig.receipt(entity).complete is complete
    assert rig.twin.desk.grants == ["password", "refresh_token"]


def test_a_refresh_is_a_form_with_the_client_id_of_its_sign_in_and_the_token_that_was_given() -> None:
    twin = new_twin(token=None, **LOGIN)
    twin.add_team(Name="T")
    rig = Rig(twin, LOGIN)
    answer, sent = twin.desk.answer, []

    def watch(request: TwinRequest) -> TwinReply:
        reply = answer(request)
        sent.append((request.headers["client_id"], parse_qs(request.body.decode()), reply.body))
        return reply

    twin.desk.answer = watch  # type: ignore[method-assign] # to see what is sent
    rig.client.create(Entity.TEAM, {"name": "A"})
    twin.desk.expire()
    rig.client.create(Entity.TEAM, {"name": "B"})
    (first_id, _, given), (second_id, form, rotated) = sent
    assert first_id == second_id
    assert form["grant_type"] == ["refresh_token"]
    assert form["refresh_token"][0].encode() in given
    assert form["refresh_token"][0].encode() not in rotated


@pytest.mark.parametrize("lost", [says(500), says(200), says(400, b'{"error": "invalid_grant"}'), says(200, b"<html>")])
def test_a_lost_refresh_leads_to_one_new_sign_in(lost: Any) -> None:
    rig = signed_in()
    rig.twin.desk.expire()
    rig.twin.faults.extend([lambda _request, _real: None, lost])
    assert rig.receipt(Entity.TEAM).complete
    assert [path for _, path, _ in rig.twin.log].count("/api/token") == 2
    assert rig.twin.desk.grants == ["password", "password"]
    rig.twin.desk.expire()
    assert not rig.receipt(Entity.TEAM).complete
    assert rig.twin.desk.grants == ["password", "password"]


@pytest.mark.parametrize("answer", [TwinReply(500), TwinReply(200, b"{}"), TwinReply(400), TwinReply(403)])
def test_an_account_is_not_locked_by_sign_ins_more_than_two_never_leave(answer: TwinReply) -> None:
    twin = new_twin(token=None, **LOGIN)
    rig = Rig(twin, LOGIN)
    asked: list[str] = []

    def refuse(request: TwinRequest, _real: Real) -> TwinReply:
        asked.append(request.path)
        return answer

    twin.faults.extend([refuse] * 100)
    for _ in range(5):
        with pytest.raises((Denied, NotSent)):
            rig.client.create(Entity.TEAM, {"name": "A"})
        assert not rig.receipt(Entity.TEAM).complete
    assert set(asked) == {"/api/token"}
    assert len(asked) <= 2


def test_a_vendor_that_cannot_be_reached_uses_up_no_sign_in() -> None:
    twin = new_twin(token=None, **LOGIN)
    rig = Rig(twin, LOGIN)
    later = says(429, b"", Retry_After="1")
    for _ in range(4):
        twin.faults.extend([later] * 4)
        assert not rig.receipt(Entity.TEAM).complete
    assert rig.receipt(Entity.TEAM).complete


def test_many_threads_whose_token_wore_out_share_one_refresh() -> None:
    rig = signed_in()
    rig.twin.desk.expire()
    ids = [str(number) for number in rig.twin.ids("team")]
    start = threading.Barrier(len(ids))
    seen: list[str] = []

    def look(key: str) -> None:
        start.wait()
        seen.append(rig.client.observe(Entity.TEAM, key).source_id)

    threads = [threading.Thread(target=look, args=(key,)) for key in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == sorted(ids)
    assert rig.twin.desk.grants == ["password", "refresh_token"]


def test_a_write_behind_a_worn_out_token_is_made_once() -> None:
    rig = signed_in(0 + 1)
    rig.twin.desk.expire()
    rig.client.create(Entity.TEAM, {"name": "B"})
    assert [status for method, path, status in rig.twin.log if (method, path) == ("POST", TEAMS)] == [401, 200]
    assert len(rig.twin.ids("team")) == 2


@pytest.mark.parametrize("role", ["Team-List", "Team-Read"])
def test_a_role_that_is_taken_away_between_two_pages_makes_no_shorter_list(role: str) -> None:
    rig = signed_in(4)

    def narrow(_request: TwinRequest, _real: Real) -> None:
        object.__setattr__(rig.twin.switches, "roles", frozenset({"Team-List", "Team-Read"} - {role}))

    rig.twin.faults.extend([lambda _request, _real: None, lambda _request, _real: None, narrow])
    found = rig.read(Entity.TEAM, page_size=2)
    assert isinstance(found.fault, Denied)
    assert (found.receipt.complete, found.pages) == (False, ())
    assert role in str(found.fault)
