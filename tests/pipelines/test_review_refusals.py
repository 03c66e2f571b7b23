"""What ``orgweave review`` refuses, in words that say what to do."""

from dataclasses import replace

from pipelines.run import new_id
from state.lock import lock
from state.safety import SafetyRecord
from tests.pipelines.reviewing import at_amm, canonical, decide, linked, proposed, refused, tie
from tests.pipelines.rig import DEPARTMENTS, LIMITS, Office
from tests.state.samples import INTENT

UNWRITTEN = DEPARTMENTS.replace('["amm", "hq"]', "[]") + LIMITS


def test_of_several_candidates_one_must_be_named_that_was_proposed(tied: Office) -> None:
    ident = proposed(tied)
    assert "any of 2" in (told := refused(tied, "accept", ident))
    assert all(word in told for word in ("A / Support", "B / Support", "--with ID"))
    assert "not among those proposed" in refused(tied, "accept", ident, "--with", "A")
    assert "no department here" in refused(tied, "accept", ident, "--with", "nobody")


def test_ids_that_mean_nothing_are_refused(tied: Office) -> None:
    for verdict, ident in (("accept", "ffff"), ("reject", ""), ("accept", "%")):
        assert "orgweave review lists what waits" in refused(tied, verdict, ident)
    assert "is a proposed match" in refused(tied, "resolve", proposed(tied), "--take", "amm")
    assert "no conflict waits" in refused(tied, "resolve", "ffff", "--take", "amm")
    assert "either --take CONNECTION or --value VALUE" in refused(tied, "resolve", "ffff")
    assert "either --take" in refused(tied, "resolve", "ffff", "--take", "amm", "--value", "x")


UNDECIDABLE = (
    (("link", "amm", "Ops"), "CONNECTION:ID, with one of udesk_cn, amm, hq"),
    (("link", "none:1", "Ops"), "with one of udesk_cn, amm, hq"),
    (("link", "amm:none", "Ops"), "no record of this id was ever read"),
    (("unlink", "amm:none"), "no record of this id was ever read"),
    (("link", "amm:none", "Ops", "--kind", "room"), "one of department, team, task, person"),
    (("pin", "room", "Ops", "name", "x"), "one of department, team, task, person"),
    (("pin", "department", "nobody", "name", "x"), "no department here"),
    (("pin", "department", "Ops", "colour", "x"), "one of name, description, parent_id"),
    (("pin", "department", "Ops", "name", " "), "cannot be empty"),
    (("pin", "department", "Ops", "name", "x", "--until", "2026-02-28"), "is past"),
    (("pin", "department", "Ops", "name", "x", "--until", "soon"), "no time"),
    (("pin", "department", "Ops", "name", "x", "--until", "9999-12-31"), "too far away"),
    (("pin", "department", "Ops", "parent_id", "Ops / Support / Tier 1"), "cannot be below itself"),
    (("pin", "department", "Ops", "parent_id", "Ops"), "cannot be below itself"),
    (("pin", "department", "Ops", "parent_id", "nobody"), "no department here"),
    (("pin", "person", "x", "email", "x@example.test"), "[people] email = true"),
    (("unpin", "department", "Ops", "name"), "is not pinned"),
    (("accept", "ffff", "--by", " "), "a name is missing"),
)
"""Words of `review`, and what the refusal tells: none changes anything, so that one workspace serves for all."""


def test_what_cannot_be_decided_is_refused_with_a_remedy(office: Office) -> None:
    office.tree(("Ops",), ("Ops", "Support"), ("Ops", "Support", "Tier 1"))
    assert office.run("pull").code == 0
    for words, told in UNDECIDABLE:
        assert told in refused(office, *words)
    assert office.run("review", *UNDECIDABLE[0][0], "--json").json().keys() == {"error"}


def test_a_link_that_another_record_holds_which_is_there_is_not_taken_from_it(office: Office) -> None:
    office.configure(UNWRITTEN)
    office.tree(("Ops",))
    first = office.vendors.scalepad.add_department("Ops")
    second = office.vendors.scalepad.add_department("Legal")
    assert office.run("pull").code == 0
    told = refused(office, "link", f"amm:{second}", "Ops")
    assert f"orgweave review unlink amm:{first} first" in told
    assert "is linked to Ops" in refused(office, "link", f"amm:{first}", "Ops")
    office.vendors.scalepad._departments[second].deleted = True
    assert office.run("pull", "--full", "--accept-shrink", "amm").code == 0
    assert "is gone at its vendor" in refused(office, "link", f"amm:{second}", "Ops")


def test_a_record_that_stands_alone_cannot_be_unlinked_from_itself(office: Office) -> None:
    office.configure(UNWRITTEN)
    ids = office.tree(("Ops",))
    at_amm = office.vendors.scalepad.add_department("Ops")
    assert office.run("pull").code == 0
    ops, udesk = canonical(office, "Ops"), f"udesk_cn:{ids[('Ops',)]}"
    decide(office, "unlink", udesk)  # the one that founded it: it founds another
    assert linked(office)[at_amm][0] == ops != linked(office, "udesk_cn")[str(ids[("Ops",)])][0]
    decide(office, "link", udesk, ops)
    decide(office, "unlink", f"amm:{at_amm}")
    assert "is all that is linked to Ops" in refused(office, "unlink", udesk)
    assert office.run("pull").code == 0


def test_what_a_write_without_an_answer_may_be_about_is_not_decided(tied: Office) -> None:
    there = at_amm(tied)
    assert tied.run("plan").code == 3
    ident, key = proposed(tied), canonical(tied, "A / Support")
    with SafetyRecord.open(tied.workspace / "journal.sqlite", at=tied.clock.now(), new_id=new_id) as safety:
        plan = safety.newest_plan()
        assert plan is not None
        about = replace(INTENT, run_id=plan.run_id, plan_id=plan.plan_id, canonical_id=key)
        safety.begin(replace(about, visible=(there,), begun_at=tied.clock.now()))
    assert "had no answer" in (told := refused(tied, "accept", ident, "--with", key))
    assert "orgweave pull amm" in told
    decide(tied, "accept", ident, "--with", "B / Support")


def test_a_decision_needs_something_published_and_the_workspace_for_itself(office: Office) -> None:
    assert "orgweave pull" in office.run("review").err
    assert office.run("review").code == 2
    assert "orgweave pull" in office.run("review", "accept", "ffff").err
    tie(office)
    assert office.run("pull").code == 0
    ident = proposed(office)
    office.published.unlink()
    assert "nothing was published here" in office.run("review", "accept", ident).err
    assert office.run("pull").code == 0
    with lock(office.workspace / "lock", "sync", office.clock.now()):
        assert office.run("review", "reject", ident).code == 75
        assert office.run("review").code == 3
    assert canonical(office, "A")
