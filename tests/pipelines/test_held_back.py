"""What a vendor holds back in silence: a list that failed, members that are not shown, a role for one list alone."""

import json

import pytest

from sources.twin import TwinReply, TwinRequest
from tests.pipelines.hq import Location
from tests.pipelines.rig import Office

TEAMS = "/api/spaces/teams"


@pytest.fixture
def hq(office: Office) -> Location:
    """A location that was read whole once."""
    made = Location(office)
    made.pull()
    return made


def _answering(hq: Location, path: str, body: object, status: int = 200) -> None:
    """Answer every call to a path with this, and the others as they should be."""
    answer = hq.twin.answer

    def altered(request: TwinRequest) -> TwinReply:
        return TwinReply.of(status, body) if request.path.rstrip("/") == path else answer(request)

    hq.twin.answer = altered


def test_a_list_that_says_it_failed_is_no_empty_list(hq: Location) -> None:
    failed = {"WasSuccessful": False, "Message": "db down", "Records": [], "HasNextPage": False, "TotalItems": 0}
    _answering(hq, TEAMS, failed)
    ran = hq.office.run("pull", "--full")
    assert (ran.code, "the list says that it failed: db down" in ran.err) == (5, True)
    assert hq.office.ask("SELECT count(*) FROM org.teams WHERE active")[0][0] > 0


def test_a_role_that_is_missing_for_one_list_leaves_the_others_to_be_read(hq: Location) -> None:
    _answering(hq, TEAMS, {}, 401)
    ran = hq.office.run("pull", "--full", "-v")
    assert (ran.code, "hq tasks: full" in ran.err) == (5, True)


def test_members_that_nothing_shows_are_unknown_and_not_none(hq: Location) -> None:
    answer = hq.twin.answer

    def hiding(request: TwinRequest) -> TwinReply:
        reply: TwinReply = answer(request)
        if not request.path.startswith(TEAMS):
            return reply
        hidden = ("TeamMembers", "TeamAdministrators", "ExtraServices")

        def hide(record: dict[str, object]) -> dict[str, object]:
            return {name: None if name in hidden else value for name, value in record.items()}

        return TwinReply.of(reply.status, json.loads(reply.body, object_hook=hide))

    members = hq.office.ask("SELECT count(*) FROM org.team_members")
    hq.twin.answer = hiding
    ran = hq.office.run("pull", "--full")
    assert (ran.code, "held back" in ran.err) == (4, True)
    assert members == hq.office.ask("SELECT count(*) FROM org.team_members")
    assert members[0][0] > 0


def test_an_empty_list_founds_no_read_of_changes(hq: Location) -> None:
    teams = next(table for kind, table in hq.twin._store._tables.items() if "team" in str(kind).lower() and table)
    kept = dict(teams)
    teams.clear()
    assert hq.office.run("pull", "--full", "--accept-shrink", "hq").code == 0
    teams.update(kept)
    assert hq.office.run("pull").code == 0
    assert hq.office.ask("SELECT count(*) FROM org.teams WHERE active") == [(len(kept),)]
