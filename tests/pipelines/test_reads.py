"""What a read may be believed for: a list that is not whole, or not plausible, never counts as absence."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from sources.twin import Fault, TwinReply, TwinRequest
from tests.pipelines.rig import DEPARTMENTS, Execute, Office, always, failing, once

pytestmark = pytest.mark.usefixtures("unpublished")

NOTHING: dict[str, list[str]] = {"udesk": [], "scalepad": [], "nexudus": []}
Alter = Callable[[Any], object]


def altered(alter: Alter) -> Fault:
    """The real answer, a list's JSON altered."""

    def fault(request: TwinRequest, execute: Execute) -> TwinReply | None:
        body = json.loads(execute(request).body)
        return TwinReply.of(200, alter(body)) if isinstance(body, dict) and {"data", "Records"} & set(body) else None

    return fault


EMPTY: dict[str, Fault] = {
    "udesk": failing(200, b'{"code": 1000, "departments": []}'),
    "scalepad": failing(200, b'{"data": [], "total_count": 0, "next_cursor": null}'),
    "nexudus": failing(200, b'{"Records": [], "HasNextPage": false, "TotalItems": 0, "CurrentPage": 1}'),
}


def lives(office: Office) -> list[tuple[str, bool]]:
    return [
        (name, active)
        for name, active in office.ask("SELECT name, active FROM org.departments ORDER BY name")
        if name != "New"
    ]


@pytest.mark.usefixtures("published")
def test_an_empty_answer_where_records_were_known_stops_the_sync_before_the_first_write(synced: Office) -> None:
    synced.vendors.udesk.add_department("New")
    before, writes = lives(synced), synced.writes()
    for vendors in (("udesk",), ("scalepad", "nexudus")):
        synced.clock.sleep(24 * 3600)  # a day later everything is read, not only what changed
        for vendor in vendors:
            always(synced.twins[vendor], EMPTY[vendor])
        ran = synced.run("sync", "--yes", "--json")
        assert (ran.code, ran.json()["plan"], ran.json()["apply"]) == (4, None, None)
        assert ran.err.count("--accept-shrink") >= len(vendors)
        assert (synced.writes(), lives(synced)) == (writes, before)
        for vendor in vendors:
            synced.twins[vendor].faults.clear()


@pytest.mark.parametrize(("gone", "code"), [(False, 4), (True, 0)])
def test_what_two_pages_of_different_age_leave_out_is_gone_only_where_the_call_for_it_says_so(
    synced: Office, *, gone: bool, code: int
) -> None:
    amm = synced.vendors.scalepad
    oldest = next(iter(amm.departments))
    amm._departments[oldest].deleted = gone

    ghost = {"id": "0" * 8, "name": "Long gone", "created_at": "2020-01-01T00:00:00Z"}

    def older(request: TwinRequest, real: Execute) -> TwinReply | None:
        if request.param("cursor"):
            return TwinReply.of(200, {"data": [ghost], "total_count": 7, "next_cursor": None})
        if request.path.endswith("/departments"):
            rows = [one for one in json.loads(real(request).body)["data"] if one["id"] != oldest]
            return TwinReply.of(200, {"data": rows, "total_count": 7, "next_cursor": "c"})
        return None

    always(amm, older)
    ran = synced.run("pull", "amm")
    told = f"record {oldest} is there, and the list does not show it: its pages were not of one moment"
    assert (ran.code, told in " ".join(ran.err.split())) == (code, not gone), ran.text


@pytest.mark.parametrize("pages", [1, 2])
@pytest.mark.parametrize(("gone", "code"), [(False, 4), (True, 0)])
def test_of_many_records_that_a_list_leaves_out_some_are_asked_for(
    office: Office, *, pages: int, gone: bool, code: int
) -> None:
    amm, full = office.vendors.scalepad, 500
    keys = [amm.add_department(f"Unit {number}") for number in range(full + 30)]
    assert office.run("pull", "amm").code == 0
    for key in keys[:40] if gone else ():
        amm._departments[key].deleted = True

    def short(request: TwinRequest, _real: Execute) -> TwinReply | None:
        if not request.path.endswith("/departments"):
            return None
        rows = [{"id": key, "name": key, "created_at": "2026-01-01T00:00:00Z"} for key in reversed(keys[40:])]
        cut = full if pages == 1 else 250
        page = rows[cut:] if request.param("cursor") else rows[:cut]
        following = "c" if pages > 1 and not request.param("cursor") else None
        return TwinReply.of(200, {"data": page, "total_count": len(rows), "next_cursor": following})

    always(amm, short)
    ran = office.run("pull", "amm")
    assert (ran.code, "is there, and the list does not show it" in " ".join(ran.err.split())) == (code, not gone)


@pytest.mark.usefixtures("published")
def test_a_list_that_shrank_by_more_than_half_is_not_believed_until_somebody_accepts_it(synced: Office) -> None:
    for number in range(1, 6):
        del synced.vendors.udesk._departments[number]
    ran = synced.run("sync", "--yes")
    assert (ran.code, "--accept-shrink udesk_cn" in ran.err) == (4, True)
    assert all(active for _, active in lives(synced))
    assert synced.run("pull", "--accept-shrink", "udesk_cn").code == 0
    assert [name for name, active in lives(synced) if active] == ["Front desk", "Legal", "Unit 5"]
    assert synced.run("sync", "--yes").code == 0


def test_an_emptied_list_that_was_accepted_stays_accepted(synced: Office) -> None:
    synced.vendors.udesk._departments.clear()
    assert synced.run("sync", "--yes").code == 4
    assert synced.run("pull", "udesk_cn", "--accept-shrink", "udesk_cn").code == 0
    assert synced.run("sync", "--yes").code == 0
    assert synced.run("pull").code == 0
    (synced.workspace / "work.duckdb").unlink()
    assert synced.run("pull").code == 0


def test_accepting_a_shrink_of_one_connection_accepts_no_other(synced: Office) -> None:
    always(synced.vendors.scalepad, EMPTY["scalepad"])
    ran = synced.run("pull", "--accept-shrink", "hq")
    assert (ran.code, "--accept-shrink amm" in ran.err) == (4, True)


def test_a_shrink_of_a_connection_that_is_not_read_cannot_be_accepted(synced: Office) -> None:
    calls = len(synced.vendors.scalepad.log)
    ran = synced.run("pull", "amm", "--accept-shrink", "udesk_cn")
    assert (ran.code, "udesk_cn is not read by this pull" in ran.err) == (2, True)
    assert len(synced.vendors.scalepad.log) == calls


@pytest.mark.usefixtures("published")
def test_a_record_that_is_gone_at_its_source_keeps_its_row_and_is_deleted_nowhere(synced: Office) -> None:
    at_targets, writes = (synced.at_amm(), synced.at_hq()), synced.writes()
    del synced.vendors.udesk._departments[1]
    assert synced.run("sync", "--yes").code == 0
    assert [name for name, active in lives(synced) if not active] == ["Unit 0"]
    assert (synced.at_amm(), synced.at_hq()) == at_targets
    assert synced.writes() == writes


@pytest.mark.usefixtures("published")
def test_a_list_whose_second_page_fails_is_never_taken_for_deletion(office: Office) -> None:
    for number in range(501):
        office.vendors.scalepad.add_department(f"Unit {number:03}")
    office.configure()
    assert office.run("pull").code == 0

    def second_page(request: TwinRequest, _execute: Execute) -> TwinReply | None:
        return TwinReply(502, b"<html>bad gateway</html>") if request.param("cursor") else None

    always(office.vendors.scalepad, second_page)
    ran = office.run("pull", "--json")
    assert (ran.code, ran.json()["connections"]["amm"]["complete"]) == (5, False)
    assert office.ask("SELECT count(*) FROM org.departments WHERE active") == [(501,)]
    assert office.ask("SELECT rows, complete FROM ops.reads WHERE connection = 'amm' ORDER BY started_at") == [
        (501, True),
        (500, False),
    ]


ODD: tuple[dict[str, Alter], ...] = (
    {
        "scalepad": lambda body: {**body, "total_count": body["total_count"] + 1},
        "nexudus": lambda body: {**body, "TotalItems": 9},
    },
    {
        "scalepad": lambda body: {**body, "data": body["data"][1:]},
        "nexudus": lambda body: {**body, "HasNextPage": True},
    },
)


@pytest.mark.usefixtures("published")
def test_a_list_that_does_not_add_up_stops_the_sync_and_is_never_taken_for_deletion(synced: Office) -> None:
    synced.vendors.udesk.add_department("New")
    before, writes = lives(synced), synced.writes()
    for odd in ODD:
        for vendor, alter in odd.items():
            always(synced.twins[vendor], altered(alter))
        ran = synced.run("sync", "--yes", "--json")
        whole = [name for name, one in ran.json()["pull"].items() if one["complete"]]
        assert (ran.code, whole) == (4, ["udesk_cn"])
        assert (synced.writes(), lives(synced)) == (writes, before)
        for vendor in odd:
            synced.twins[vendor].faults.clear()


@pytest.mark.usefixtures("published")
def test_a_200_that_is_no_list_is_a_failure_of_the_connection_and_no_absence(synced: Office) -> None:
    before = lives(synced)
    for body in (b"", b"<html>maintenance</html>", b'{"data": [', b"null"):
        for twin in synced.twins.values():
            always(twin, failing(200, body))
        assert synced.run("pull").code == 5, body
        for twin in synced.twins.values():
            twin.faults.clear()
    assert lives(synced) == before
    writes = synced.writes()
    synced.sync()
    assert synced.writes() == writes


def test_an_implausible_list_before_the_first_create_stops_the_creates(synced: Office) -> None:
    synced.vendors.udesk.add_department("New")
    assert synced.run("pull").code == 0
    assert synced.run("plan").code == 0
    once(synced.vendors.scalepad, "GET", EMPTY["scalepad"])
    ran = synced.run("apply", "--yes", "--json")
    ended = {result["change_id"]: result["status"] for result in ran.json()["results"]}
    assert (ran.code, sorted(ended.values())) == (3, ["done", "failed"])
    assert "New" not in synced.at_amm()
    assert synced.run("sync", "--yes").code == 0
    assert "New" in synced.at_amm()


def test_a_first_read_that_fails_plans_nothing_and_the_others_are_carried_on(office: Office) -> None:
    office.tree(("Ops",))
    never = office.run("plan")
    told = "udesk_cn, an authority, was never read whole. What to do: orgweave pull udesk_cn"
    assert (never.code, told in " ".join(never.out.split())) == (5, True)
    always(office.vendors.udesk, failing(503))
    ran = office.run("sync", "--yes", "--json")
    assert (ran.code, ran.json()["plan"]["changes"]) == (5, [])
    assert ran.json()["pull"]["hq"]["complete"] is True
    assert office.writes() == NOTHING


def test_a_target_that_fails_is_left_out_and_the_other_one_is_written(office: Office) -> None:
    office.tree(("Ops",))
    always(office.vendors.scalepad, failing(503))
    ran = office.run("sync", "--yes", "--json")
    assert ran.code == 5
    assert (office.at_hq(), office.at_amm()) == (["Ops"], [])
    assert "amm" in ran.err


def test_a_failed_connection_and_a_tripped_guard_end_with_the_guards_code(synced: Office) -> None:
    always(synced.vendors.scalepad, EMPTY["scalepad"])
    always(synced.vendors.nexudus, failing(401))
    synced.vendors.udesk.add_department("New")
    writes = synced.writes()
    ran = synced.run("sync", "--yes", "--quiet")
    assert ran.code == 4
    assert "stopped before the first write: the read of amm was not whole, or not plausible\n" in ran.err
    assert re.search("amm: departments: .*--accept-shrink amm", ran.err), "the reason, also where progress is not told"
    assert synced.writes() == writes


def test_a_record_deleted_at_a_target_is_not_made_again_unasked(synced: Office) -> None:
    [gone] = [key for key, (name, _) in synced.vendors.scalepad.departments.items() if name == "Unit 3"]
    synced.vendors.scalepad._departments[gone].deleted = True
    writes = synced.writes()
    ran = synced.run("sync", "--yes", "--json")
    held = [(change["rule"], change["status"]) for change in ran.json()["plan"]["changes"]]
    assert (ran.code, held) == (3, [("gone_at_target", "held")])
    assert synced.writes() == writes


def test_the_default_limits_do_not_stop_a_migration_into_an_empty_target(office: Office) -> None:
    office.configure(DEPARTMENTS)
    office.tree(*((f"Unit {number}",) for number in range(20)))
    office.sync()
    assert len(office.at_hq()) == 20
