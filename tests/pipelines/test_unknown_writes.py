"""Writes without an answer: settled by looking at the vendor, never by sending again in hope (DESIGN 5.6)."""

from typing import Any

import pytest

from sources.twin import TwinReply, TwinRequest
from tests.pipelines.rig import DEPARTMENTS, LIMITS, Execute, Office, failing, lost, once

pytestmark = pytest.mark.usefixtures("unpublished")


def endings(office: Office, *words: str) -> tuple[int, list[str]]:
    ran = office.run(*(words or ("sync",)), "--yes", "--json")
    document: Any = ran.json()
    results = (
        (document["apply"] or {"results": []})["results"] if not words or words[0] == "sync" else document["results"]
    )
    return ran.code, [result["status"] for result in results]


def held(office: Office) -> list[tuple[str, str]]:
    ran = office.run("plan", "--json")
    return [(change["status"], change["rule"]) for change in ran.json()["changes"]]


@pytest.mark.usefixtures("published")
def test_a_create_that_took_effect_without_an_answer_is_adopted_as_soon_as_it_is_seen(office: Office) -> None:
    office.tree(("Ops",), ("Sales",))
    once(office.vendors.scalepad, "POST", lost())
    once(office.vendors.nexudus, "POST", lost(502, b"<html>"))
    assert endings(office) == (3, ["unknown", "done", "unknown", "done"])
    assert office.at_amm() == office.at_hq() == ["Ops", "Sales"]
    writes = office.writes()
    assert office.sync()["plan"]["changes"] == []
    assert office.writes() == writes
    assert office.ask("SELECT DISTINCT method FROM org.crosswalk WHERE connection <> 'udesk_cn'") == [("journal",)]


@pytest.mark.parametrize(
    "bodies", [(b"", b"<html>", b'{"id": '), pytest.param((b"[]", b'{"data": "x"}'), marks=pytest.mark.long)]
)
def test_a_success_that_says_nothing_counts_as_no_answer(office: Office, bodies: tuple[bytes, ...]) -> None:
    office.configure(DEPARTMENTS.replace(', "hq"', "") + LIMITS)
    for number, body in enumerate(bodies):
        office.vendors.udesk.add_department(f"Unit {number}")
        once(office.vendors.scalepad, "POST", lost(201, body))
    assert endings(office) == (3, ["unknown"] * len(bodies))
    assert office.sync()["plan"]["changes"] == []
    assert len(office.at_amm()) == len(bodies)


def test_after_three_writes_without_an_answer_nothing_more_is_sent_to_that_connection(office: Office) -> None:
    for name in "ABCDE":
        office.vendors.udesk.add_department(name)
    for _ in range(5):
        once(office.vendors.scalepad, "POST", failing(500))
    ran = office.run("sync", "--yes", "--json")
    results = ran.json()["apply"]["results"]
    assert [one["status"] for one in results] == ["unknown"] * 3 + ["skipped"] * 2 + ["done"] * 5
    assert "nothing more is sent to amm in this run" in results[3]["error"]
    assert office.writes()["scalepad"] == ["POST"] * 3
    assert office.at_hq() == ["A", "B", "C", "D", "E"]


@pytest.mark.usefixtures("published")
def test_what_hangs_on_an_unanswered_create_waits_for_it(office: Office) -> None:
    second = office.add_udesk("[departments]\nauthority = ['udesk_cn']\nwrite_to = ['second']\n" + LIMITS)
    office.tree(("Ops",), ("Ops", "Support"))
    once(second, "POST", failing(500))
    assert endings(office) == (3, ["unknown", "skipped"])
    assert held(office) == [("held", "outcome_unknown"), ("refused", "parent_missing")]
    applied = office.run("apply", "--yes")
    told = "nothing was sent\n1 held: orgweave review\n1 refused: orgweave plan shows why\n"
    assert (applied.code, applied.out) == (3, told)
    [synced] = [one["run_id"] for one in office.run("runs", "--json").json()["runs"] if one["command"] == "sync"]
    assert office.run("undo", synced, "--yes").code == 3
    assert [one["op"] for one in office.run("review", "--json").json()["held"]] == ["create"]
    pinned = office.run("review", "pin", "department", "Support", "name", "Support")
    assert "no match and no conflict waits any more; 1 held change waits still: orgweave review" in pinned.out


def test_a_write_that_waited_long_for_its_turn_still_has_the_settle_time_from_when_it_left(office: Office) -> None:
    office.configure(DEPARTMENTS.replace(', "hq"', "") + LIMITS)
    office.tree(("Ops",))

    def waiting(_request: TwinRequest, _execute: Execute) -> TwinReply:
        office.clock.sleep(400)  # between its begin and its leaving
        return TwinReply(500, b"broken")

    once(office.vendors.scalepad, "POST", waiting)
    assert endings(office) == (3, ["unknown"])
    for _ in range(2):
        office.run("pull")
    assert held(office) == [("held", "outcome_unknown")]


def test_a_create_that_never_took_effect_is_made_once_after_the_settle_time_and_two_whole_reads(office: Office) -> None:
    office.configure(DEPARTMENTS.replace(', "hq"', "") + LIMITS)
    office.tree(("Ops",))
    once(office.vendors.scalepad, "POST", failing(500))
    assert endings(office) == (3, ["unknown"])
    for wait, says in ((60, "run this again after 2026-03-01 08:02"), (70, "run this again now:")):
        office.clock.sleep(wait)  # before the settle time, then one whole read after it
        assert office.run("pull").code == 0
        assert held(office) == [("held", "outcome_unknown")]
        assert says in " ".join(office.run("plan", "--json").json()["changes"][0]["reason"].split())
    assert endings(office) == (0, ["done"])
    assert office.writes()["scalepad"] == ["POST", "POST"]
    assert office.at_amm() == ["Ops"]


@pytest.mark.long
def test_a_read_is_counted_once_when_another_target_is_written_in_between(office: Office) -> None:
    office.tree(("Ops",))
    once(office.vendors.scalepad, "POST", failing(500))
    office.run("pull")
    office.run("plan", "--to", "amm")
    assert endings(office, "apply") == (3, ["unknown"])
    office.clock.sleep(200)
    assert endings(office) == (3, ["done"])  # Nexudus is written; ScalePad was read once since the settle time
    assert held(office) == [("held", "outcome_unknown")]
    assert endings(office) == (0, ["done"])
    assert office.at_amm() == office.at_hq() == ["Ops"]


@pytest.mark.usefixtures("published")
def test_an_effect_that_comes_late_is_adopted_and_gets_no_twin(office: Office) -> None:
    office.configure(DEPARTMENTS.replace('"amm", ', "") + LIMITS)
    office.tree(("Ops",))
    kept: list[TwinRequest] = []

    def later(request: TwinRequest, _execute: Execute) -> TwinReply:
        kept.append(request)
        return TwinReply(504, b"")

    once(office.vendors.nexudus, "POST", later)
    assert endings(office) == (3, ["unknown"])
    office.clock.sleep(100)
    assert endings(office) == (3, [])
    office.vendors.nexudus.answer(kept[0])
    assert office.sync()["plan"]["changes"] == []
    assert office.at_hq() == ["Ops"]
    assert office.ask("SELECT status FROM ops.changes WHERE op = 'create' ORDER BY \"at\"") == [("held",), ("adopted",)]


@pytest.mark.usefixtures("published")
def test_a_create_that_was_matched_by_name_because_the_clock_was_set_back_is_settled_later(office: Office) -> None:
    office.configure(DEPARTMENTS.replace('"amm", ', "") + LIMITS)
    office.tree(("Ops",))

    def and_the_clock_goes_back(request: TwinRequest, execute: Execute) -> TwinReply:
        execute(request)
        office.clock.sleep(-3600)
        return TwinReply(500, b"")

    once(office.vendors.nexudus, "POST", and_the_clock_goes_back)
    assert endings(office)[1] == ["unknown"]
    assert office.sync()["plan"]["changes"] == []
    office.clock.sleep(7200)
    assert office.sync()["plan"]["changes"] == []
    assert office.ask("SELECT status FROM ops.changes WHERE op = 'create'") == [("adopted",)]
    assert office.at_hq() == ["Ops"]


def test_a_rename_without_an_answer_is_settled_by_the_name_that_is_there(office: Office) -> None:
    ids = office.tree(("Ops",))
    office.sync()
    office.vendors.udesk.rename(ids["Ops",], "Operations")
    once(office.vendors.scalepad, "PATCH", lost())
    once(office.vendors.nexudus, "PUT", lost(502, b"<html>"))
    assert endings(office) == (3, ["unknown", "unknown"])
    writes = office.writes()
    assert office.sync()["plan"]["changes"] == []
    assert office.writes() == writes
    assert office.at_amm() == office.at_hq() == ["Operations"]


@pytest.mark.long
def test_a_rename_that_never_took_effect_is_held_and_then_sent_once(office: Office) -> None:
    ids = office.tree(("Ops",))
    office.sync()
    office.vendors.udesk.rename(ids["Ops",], "Operations")
    once(office.vendors.scalepad, "PATCH", failing(500))
    assert endings(office) == (3, ["unknown", "done"])
    office.clock.sleep(200)
    assert endings(office) == (3, [])
    assert endings(office) == (0, ["done"])
    assert office.writes()["scalepad"] == ["POST", "PATCH", "PATCH"]


def test_a_namesakes_write_waits_while_an_equal_one_has_no_answer(office: Office) -> None:
    office.configure(DEPARTMENTS.replace('"amm", ', "").replace("write_to", 'naming = "leaf"\nwrite_to') + LIMITS)
    office.tree(("A",), ("B",), ("A", "Support"), ("B", "Support"))
    once(office.vendors.nexudus, "POST", failing(500), path="helpdesk")
    once(office.vendors.nexudus, "POST", failing(500), path="helpdesk")
    once(office.vendors.nexudus, "POST", failing(500), path="helpdesk")
    code, ended = endings(office)
    assert (code, ended) == (3, ["unknown", "unknown", "unknown", "skipped"])
    assert office.at_hq() == []


@pytest.mark.usefixtures("published")
def test_a_new_records_id_that_another_kind_of_record_has_too_is_still_adopted(office: Office) -> None:
    office.configure(DEPARTMENTS.replace('"amm", ', "") + "\n[teams]\nauthority = ['hq']\n" + LIMITS)
    office.tree(("Ops",))
    office.vendors.nexudus.add_team(Id=700, Name="Guild")

    def with_a_teams_id(_request: TwinRequest, _execute: Execute) -> TwinReply:
        office.vendors.nexudus.add_department(Id=700, Name="Ops", Description="Ops")
        return TwinReply(500, b"")

    once(office.vendors.nexudus, "POST", with_a_teams_id)
    assert endings(office) == (3, ["unknown"])
    assert office.sync()["plan"]["changes"] == []
    found = office.ask("SELECT method FROM org.crosswalk WHERE source_id = '700' AND entity = 'department'")
    assert found == [("journal",)]
