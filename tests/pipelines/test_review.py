"""``orgweave review``: what waits for a person, and what a person decides, kept and never asked again."""

from rich.cells import cell_len

from mappings.model import Entity, Ref
from state.decisions import proposal_id
from tests.pipelines.hq import Location
from tests.pipelines.reviewing import at_amm, canonical, decide, linked, proposed, refused, waiting
from tests.pipelines.rig import DEPARTMENTS, LIMITS, TEAMS_AND_TASKS, Office

HOSTILE = "\x1b[2J\x1b]0;pwned\x07客服\u202e\n🤖[bold]" + "長" * 60
UNWRITTEN = DEPARTMENTS.replace('["amm", "hq"]', "[]") + LIMITS


def test_what_waits_is_listed_with_what_it_could_be_and_nothing_waits_once_it_is_decided(tied: Office) -> None:
    there = at_amm(tied)
    found = waiting(tied)
    [one] = found["proposals"]
    assert (found["conflicts"], found["pins"]) == ([], [])
    assert (one["id"], one["source_id"]) == (proposal_id(Ref("amm", Entity.DEPARTMENT, there)), there)
    assert sorted(each["name"] for each in one["candidates"]) == ["A / Support", "B / Support"]
    assert (one["question"], one["name"], one["since"][:10]) == ("tie", "Support", "2026-03-01")
    listed = tied.run("review")
    assert listed.code == 3
    assert all(word in listed.out for word in (one["id"][:8], f"amm:{there}", "A / Support", "B / Support"))
    decide(tied, "accept", one["id"], "--with", "A / Support")
    empty = tied.run("review")
    assert (empty.code, empty.out) == (0, "Nothing waits for a person.\n")


def test_an_accepted_match_is_linked_and_nothing_is_made_beside_it(tied: Office) -> None:
    there = at_amm(tied)
    told = decide(tied, "accept", proposed(tied)[:6], "--with", "B / Support", "--note", "asked them")
    assert (told["decision"]["verdict"], told["waiting"]) == ("accept", {"proposals": 0, "conflicts": 0})
    assert linked(tied)[there] == (canonical(tied, "B / Support"), "person")
    tied.sync()
    assert sorted(tied.at_amm()) == ["A", "A / Support", "B", "B / Support", "Tier 1"]


def test_a_rejected_match_is_a_record_of_its_own_and_never_asked_again(tied: Office) -> None:
    there = at_amm(tied)
    told = decide(tied, "reject", proposed(tied))
    assert told["decision"]["canonical_id"] is None
    founded, method = linked(tied)[there]
    assert method == "founded"
    assert founded not in (canonical(tied, "A / Support"), canonical(tied, "B / Support"))
    for command in ("pull", "plan"):
        assert tied.run(command).code in (0, 3)
        assert waiting(tied)["proposals"] == []
    (tied.workspace / "work.duckdb").unlink()  # it is rebuilt, and the safety record remembers
    assert tied.run("pull").code == 0
    assert (waiting(tied)["proposals"], linked(tied)[there][0]) == ([], founded)


def test_unlinked_and_linked_again_the_ids_stay(office: Office) -> None:
    office.configure(UNWRITTEN)
    ids = office.tree(("Ops",), ("Legal",))
    at_amm = office.vendors.scalepad.add_department("Ops")
    assert office.run("pull").code == 0
    ops = canonical(office, "Ops")
    assert linked(office)[at_amm] == (ops, "exact")
    decide(office, "unlink", f"amm:{at_amm}", "--note", "another one")
    apart = linked(office)[at_amm][0]
    assert apart != ops
    assert office.run("pull").code == 0
    assert linked(office)[at_amm][0] == apart
    decide(office, "link", f"amm:{at_amm}", ops[:13])
    assert linked(office)[at_amm] == (ops, "person")
    decide(office, "unlink", f"amm:{at_amm}")
    assert linked(office)[at_amm][0] == apart
    decide(office, "link", f"amm:{at_amm}", f"udesk_cn:{ids[('Ops',)]}")
    assert linked(office)[at_amm] == (ops, "person")


def test_a_record_that_waits_may_be_linked_to_one_that_nobody_proposed(tied: Office) -> None:
    tied.configure(UNWRITTEN)
    there = at_amm(tied)
    decide(tied, "link", f"amm:{there}", "A", "--kind", "department")
    assert linked(tied)[there] == (canonical(tied, "A"), "person")
    assert waiting(tied)["proposals"] == []


def test_a_record_that_is_gone_gives_its_place_to_the_one_that_was_made_again(office: Office) -> None:
    office.configure(UNWRITTEN)
    office.tree(("Ops",))
    old = office.vendors.scalepad.add_department("Ops")
    assert office.run("pull").code == 0
    office.vendors.scalepad._departments[old].deleted = True
    new = office.vendors.scalepad.add_department("Operations")
    assert office.run("pull", "--full", "--accept-shrink", "amm").code == 0
    decide(office, "link", f"amm:{new}", "Ops")
    assert linked(office) == {new: (canonical(office, "Ops"), "person")}


def test_a_record_that_comes_back_after_another_took_its_place_founds_one_of_its_own(office: Office) -> None:
    office.configure(UNWRITTEN.replace("udesk_cn", "amm"))
    old = office.vendors.scalepad.add_department("Ops")
    assert office.run("pull").code == 0
    office.vendors.scalepad._departments[old].deleted = True
    new = office.vendors.scalepad.add_department("Legal")
    assert office.run("pull", "--full", "--accept-shrink", "amm").code == 0
    ops = linked(office)[old][0]
    decide(office, "link", f"amm:{new}", ops)
    office.vendors.scalepad._departments[old].deleted = False
    assert office.run("pull", "--full").code == 0
    assert (linked(office)[new][0], linked(office)[old][1]) == (ops, "founded")
    assert linked(office)[old][0] != ops


def test_people_are_linked_and_parted_by_a_person_alone(office: Office) -> None:
    office.configure(DEPARTMENTS + TEAMS_AND_TASKS + LIMITS)
    Location(office)
    assert office.run("pull").code == 0
    rows = office.ask("SELECT source_id, canonical_id FROM org.crosswalk WHERE entity = 'person' ORDER BY source_id")
    people = dict(rows)
    assert len(people) > 1
    first, second = list(people)[:2]
    assert "which is there" in refused(office, "link", f"hq:{first}", people[second])


def test_what_was_decided_is_published_and_told_by_why(tied: Office) -> None:
    there = at_amm(tied)
    decide(tied, "accept", proposed(tied), "--with", canonical(tied, "A / Support")[:8], "--note", "asked 王")
    told = "source_id, decision, decided_by, note, canonical_id, len(candidates), question, run_id, decided_at"
    [(*row, run_id, decided_at)] = tied.ask(f"SELECT {told} FROM ops.proposals")  # noqa: S608 - our own
    assert row == [there, "accept", "lee", "asked 王", canonical(tied, "A / Support"), 2, "tie"]
    assert tied.ask("SELECT run_id FROM ops.runs ORDER BY started_at")[-1] == (run_id,)
    assert decided_at is not None
    why = tied.run("why", "department", "A / Support", "--json").json()
    assert [(one["decision"], one["decided_by"], one["note"]) for one in why["decisions"]] == [
        ("accept", "lee", "asked 王")
    ]
    assert "accept amm id" in tied.run("why", "department", "A / Support").out
    assert tied.ask("SELECT command, exit_code FROM ops.runs ORDER BY started_at DESC LIMIT 1") == [
        ("review accept", 0)
    ]


def test_a_plan_that_was_sealed_before_a_decision_is_refused_and_says_what_to_do(tied: Office) -> None:
    tied.run("plan")
    decide(tied, "accept", proposed(tied), "--with", "A / Support")
    ran = tied.run("apply", "--yes")
    assert (ran.code, "moved on" in ran.err, "What to do: plan again" in ran.err) == (2, True, True)
    assert tied.at_amm() == ["Support"]


def test_a_pin_stands_above_the_accounts_until_its_date(office: Office) -> None:
    office.configure(UNWRITTEN)
    office.tree(("Ops",))
    assert office.run("pull").code == 0
    decide(office, "pin", "department", "Ops", "name", "客服 🧡", "--until", "2026-03-02", "--note", "agreed")
    [pin] = waiting(office)["pins"]
    assert (pin["field"], pin["value"], pin["until"][:13], pin["decided_by"]) == (
        "name",
        "客服 🧡",
        "2026-03-03T00",
        "lee",
    )
    assert office.run("review").code == 0
    assert office.ask("SELECT name FROM org.departments") == [("客服 🧡",)]
    assert office.ask("SELECT decision, field, value, note FROM ops.conflicts") == [
        ("pin", "name", "客服 🧡", "agreed")
    ]
    assert "客服 🧡" in office.run("review").out
    decide(office, "unpin", "department", "客服 🧡", "name")
    assert office.ask("SELECT name FROM org.departments") == [("Ops",)]
    decide(office, "pin", "department", "Ops", "name", "X", "--until", "2026-03-02")
    office.clock.sleep(3 * 86400)
    assert office.run("pull").code == 0
    assert (waiting(office)["pins"], office.ask("SELECT name FROM org.departments")) == ([], [("Ops",)])


def test_names_of_vendors_are_shown_not_obeyed_and_fit_eighty_columns(office: Office) -> None:
    office.configure(UNWRITTEN)
    office.tree((HOSTILE,), (HOSTILE, "客服部 🤖 한국어"), ("B",), ("B", "客服部 🤖 한국어"))
    office.vendors.scalepad.add_department("客服部 🤖 한국어")
    assert office.run("pull").code == 0
    listed = office.run("review")
    assert listed.code == 3
    assert all(cell_len(line) <= 80 for line in listed.out.splitlines())
    ran = office.run(
        "review", "accept", proposed(office), "--with", canonical(office, "B / 客服部 🤖 한국어"), "--note", HOSTILE
    )
    assert ran.code == 0
    shown = listed.out + ran.text + office.run("why", "department", "B / 客服部 🤖 한국어").out
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)
    assert "[bold]" in shown


def test_shared_options_may_stand_before_the_decision_too(tied: Office) -> None:
    ran = tied.run("review", "--json", "--by", "王", "reject", proposed(tied))
    assert (ran.code, ran.json()["decision"]["decided_by"]) == (0, "王")


def test_of_what_was_decided_it_is_said_who_did(tied: Office) -> None:
    ident = proposed(tied)
    decide(tied, "reject", ident)
    for command in ("accept", "reject"):
        ran = tied.run("review", command, ident)
        assert (ran.code, "lee decided it on 2026-03-01" in ran.err) == (2, True)
