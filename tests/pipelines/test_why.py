"""``orgweave why``: where a value comes from, told of every record, at any time, within eighty columns."""

from typing import Any

from rich.cells import cell_len

from mappings.model import Entity, Ref
from pipelines.run import new_id
from sources.nexudus.sandbox_records import KINDS
from state.lock import lock
from state.safety import SafetyRecord
from tests.pipelines.hq import Location
from tests.pipelines.rig import DEPARTMENTS, LIMITS, TEAMS_AND_TASKS, Office

HOSTILE = "\x1b[2J客服\u202e\n🤖" + "長" * 60


def why(office: Office, *words: str) -> dict[str, Any]:
    """``why … --json``, which must answer."""
    ran = office.run("why", *words, "--json")
    assert ran.code == 0, ran.text
    found: dict[str, Any] = ran.json()
    return found


def field(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["fields"] if one["field"] == name)
    return found


def test_a_value_is_followed_back_to_its_account_rule_run_and_read(office: Office) -> None:
    ids = office.tree(("Ops",), ("Ops", "Billing"))
    run_id = office.sync()["run_id"]
    told = why(office, "department", "Ops / Billing")
    assert (told["kind"], told["name"], told["active"]) == ("department", "Ops / Billing", True)
    name = field(told, "name")
    whose = ("udesk_cn", str(ids[("Ops", "Billing")]), "authority 1")
    assert (name["value"], (name["connection"], name["source_id"], name["rule"])) == ("Billing", whose)
    assert (name["run"]["run_id"], name["run"]["command"]) == (run_id, "sync")
    read = name["read"]
    assert (read["run_id"], read["resource"], read["mode"], read["rows"]) == (run_id, "departments", "full", 2)
    assert (name["vendor_updated_at"], name["changed_at"], bool(name["known_since"])) == (None, None, True)
    assert {one["connection"]: one["differs"] for one in name["says"]} == {"amm": False, "hq": False}
    assert field(told, "parent_id")["value"] == why(office, "department", "Ops")["canonical_id"]


def test_a_value_that_lost_is_shown_beside_the_one_that_survived(office: Office) -> None:
    office.configure(DEPARTMENTS.replace('["amm", "hq"]', "[]") + LIMITS)
    ids = office.tree(("Ops",))
    there = office.vendors.scalepad.add_department("ops", "the machine room")
    assert office.run("pull").code == 0
    office.vendors.udesk.rename(ids[("Ops",)], "Operations")
    assert office.run("pull").code == 0
    told = why(office, "department", f"amm:{there}")
    name = field(told, "name")
    assert (name["value"], name["changed_from"]) == ("Operations", "Ops")
    assert name["changed_at"] > name["known_since"]
    [lost] = name["says"]
    assert (lost["connection"], lost["value"], lost["differs"], lost["carries"]) == ("amm", "ops", True, True)
    assert lost["vendor_updated_at"] is not None
    description = field(told, "description")
    assert (description["value"], description["connection"]) == ("the machine room", "amm")
    assert description["vendor_updated_at"] is not None
    assert [one["carries"] for one in description["says"]] == [False]
    assert "DIFFERS: ops" in office.run("why", "department", "Operations", "name").out


def test_links_disputes_and_our_own_writes_are_told(office: Office) -> None:
    office.tree(("A",), ("A", "Support"), ("B",), ("B", "Support"))
    waiting = office.vendors.scalepad.add_department("Support")
    assert office.run("sync", "--yes").code == 3
    told = why(office, "department", "A / Support")
    assert {one["connection"]: one["method"] for one in told["links"]} == {"udesk_cn": "founded", "hq": "journal"}
    assert {one["evidence"] for one in told["links"]} == {"no record had this name", "made by us"}
    assert [one["source_id"] for one in told["disputes"]] == [waiting]
    [write] = told["writes"]
    assert (write["connection"], write["op"], write["status"]) == ("hq", "create", "done")
    undecided = office.run("why", "department", f"amm:{waiting}")
    assert (undecided.code, "several records carry this name" in undecided.err) == (2, True)


def test_every_field_of_every_record_is_answered_gone_ones_and_people_too(office: Office) -> None:
    office.configure(DEPARTMENTS + TEAMS_AND_TASKS + LIMITS)
    hq = Location(office)
    office.tree(("Ops",), ("Ops", "客服"))
    assert office.run("sync", "--yes").code == 0
    office.vendors.nexudus._store.table(KINDS["task"]).pop(hq.tasks[0])
    assert office.run("pull", "--full").code == 0
    every = {
        "department": office.ask("SELECT department_id FROM org.departments"),
        "teams": office.ask("SELECT team_id FROM org.teams"),
        "task": office.ask("SELECT task_id FROM org.tasks"),
        "people": office.ask("SELECT person_id FROM org.people"),
    }
    provenance = office.ask("SELECT canonical_id, field, value FROM org.provenance")
    values = {(key, name): value for key, name, value in provenance}
    seen = 0
    for word, ids in every.items():
        assert ids
        for (canonical_id,) in ids[:3]:
            for one in why(office, word, canonical_id)["fields"]:
                assert one["because"]
                if (canonical_id, one["field"]) in values:
                    seen += 1
                    assert one["run"]["started_at"]
                    assert one["read"]["complete"]
    assert seen > 20
    [(gone,)] = office.ask("SELECT task_id FROM org.tasks WHERE NOT active")
    told = why(office, "task", gone)
    assert (told["active"], field(told, "title")["value"], field(told, "title")["confirmed"]) == (False, "K0", None)
    assert "gone at its source" in office.run("why", "task", gone).out


def test_a_record_that_nothing_is_linked_to_any_more_tells_its_last_state(office: Office) -> None:
    ids = office.tree(("Ops",), ("Other",))
    assert office.run("pull").code == 0
    canonical_id = why(office, "department", "Ops")["canonical_id"]
    office.vendors.udesk._departments.pop(ids[("Ops",)])
    assert office.run("pull").code == 0
    assert why(office, "department", "Ops")["active"] is False
    with SafetyRecord.open(office.workspace / "journal.sqlite", at=office.clock.now(), new_id=new_id) as safety:
        ref = Ref("udesk_cn", Entity.DEPARTMENT, str(ids[("Ops",)]))
        safety.unlink(ref, safety.runs(1)[0].run_id, office.clock.now())
    assert office.run("pull").code == 0
    told = why(office, "department", canonical_id)
    assert (told["linked"], [bool(one["unlinked_at"]) for one in told["links"]]) == (False, [True])
    assert (field(told, "name")["value"], field(told, "name")["run"]) == ("Ops", None)
    assert "nothing is linked to it any more" in office.run("why", "department", canonical_id).out


def test_a_record_is_found_by_the_start_of_its_id_by_an_account_and_by_its_name(office: Office) -> None:
    ids = office.tree(("Ops",), ("A",), ("A", "Support"), ("B",), ("B", "Support"))
    office.sync()
    whole = why(office, "departments", "Ops")["canonical_id"]
    same = (whole, whole.upper(), whole[:13], f"udesk_cn:{ids[('Ops',)]}", "ops", " ＯＰＳ ")
    assert {why(office, "Department", word)["canonical_id"] for word in same} == {whole}
    several = office.run("why", "department", "Support", "--json")
    assert (several.code, sorted(several.json()["candidates"].values())) == (2, ["A / Support", "B / Support"])
    assert "A / Support" in office.run("why", "department", "Support").err


NOT_THERE = (
    (("room", "x"), "one of department, team, task, person"),
    (("department", "nobody"), "org.departments lists them all"),
    (("department", "amm:1"), "CONNECTION:ID"),
    (("department", "Ops", "colour"), "one of name, description, parent_id"),
    (("department", ""), "no department here"),
    (("department", "%"), "no department here"),
    (("department", "'; DROP TABLE org.departments; --"), "no department here"),
)


def test_what_is_not_there_is_said_with_a_remedy(office: Office) -> None:
    office.tree(("Ops",))
    assert office.run("pull").code == 0
    for words, told in NOT_THERE:
        ran = office.run("why", *words)
        assert (ran.code, ran.out) == (2, "")
        assert told in ran.err
        assert "What to do" in ran.err
        assert office.run("why", *words, "--json").json().keys() == {"error"}


def test_before_anything_was_published_it_says_what_to_do(office: Office) -> None:
    ran = office.run("why", "department", "x")
    assert (ran.code, "orgweave pull" in ran.err) == (2, True)
    assert not office.workspace.exists()
    office.published.write_bytes(b"no database")
    office.workspace.mkdir()
    (office.workspace / "journal.sqlite").touch()
    assert office.run("why", "department", "x").code == 2


def test_it_answers_while_a_run_holds_the_workspace_and_says_that_a_run_has_not_published(office: Office) -> None:
    office.tree(("Ops",))
    assert office.run("pull").code == 0
    assert why(office, "department", "Ops")["published"]["newer_run"] is None
    assert office.run("apply", "--yes").code == 2  # there is no plan: nothing that could have published began
    assert why(office, "department", "Ops")["published"]["newer_run"] is None
    with SafetyRecord.open(office.workspace / "journal.sqlite", at=office.clock.now(), new_id=new_id) as safety:
        safety.begin_run("a-run-that-works", "sync", office.clock.now())
    with lock(office.workspace / "lock", "sync", office.clock.now()):
        told = office.run("why", "department", "Ops", "name")
        assert told.code == 0
        assert "Run a-run-th has not published" in told.out


def test_it_fits_eighty_columns_and_nothing_of_a_vendor_is_obeyed(office: Office) -> None:
    office.configure(DEPARTMENTS.replace('["amm", "hq"]', "[]") + LIMITS)
    ids = office.tree((HOSTILE,), (HOSTILE, "[bold]x[/bold] 한국어 🤖"))
    office.vendors.scalepad.add_department("[bold]x[/bold] 한국어 🤖", "\x1b]0;pwned\x07 " + "描述" * 50)
    assert office.run("pull").code == 0
    shown = office.run("why", "department", f"udesk_cn:{max(ids.values())}")
    assert shown.code == 0
    assert all(cell_len(line) <= 80 for line in shown.out.splitlines())
    assert not {"\x1b", "\x07", "\u202e"} & set(shown.out)
    assert "[bold]x[/bold] 한국어 🤖" in shown.out
    table = shown.out.split("\nlinks\n")[1].split("\nour last writes")[0].splitlines()
    [since] = (cell_len(line[: line.index("since (UTC)")]) for line in table if "since (UTC)" in line)
    dates = [cell_len(line[: line.index("2026-03-01")]) for line in table if "2026-03-01" in line]
    assert dates == [since, since]
