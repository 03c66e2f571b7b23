"""``orgweave undo``: a run is taken back by a sealed plan, and what people edited since is spared (CONTRACT, 2)."""

import pytest

import pipelines.verbs
from state.publish import publish
from tests.pipelines.keeping import kept
from tests.pipelines.rig import Office, always, failing
from tests.pipelines.undoing import last_run, rules, undone, unit

pytestmark = pytest.mark.usefixtures("unpublished")


@pytest.fixture
@kept
def renamed(synced: Office) -> Office:
    """Unit 0 and Unit 1 were renamed at Udesk, and a sync wrote that to both targets."""
    synced.vendors.udesk.rename(unit(synced, "Unit 0"), "Zero")
    synced.vendors.udesk.rename(unit(synced, "Unit 1"), "One")
    synced.sync()
    assert "Zero" in synced.at_amm()
    return synced


@pytest.fixture
@kept
def grown(synced: Office) -> Office:
    """Udesk got one department more, and a sync made it at both targets."""
    synced.tree(("Added",))
    synced.sync()
    assert "Added" in synced.at_amm()
    return synced


def test_an_undo_puts_back_every_name_that_the_run_wrote_and_its_own_undo_writes_them_again(renamed: Office) -> None:
    told = undone(renamed, last_run(renamed)[:8])
    assert {"Unit 0", "Unit 1"} <= {*renamed.at_amm()} & {*renamed.at_hq()}
    assert told["verified"] is True
    assert told["summary"]["done"] == 4
    assert {rule for _, _, rule in rules(told)} == {"undo"}
    undone(renamed, last_run(renamed))
    assert {"Zero", "One"} <= {*renamed.at_amm()} & {*renamed.at_hq()}
    assert renamed.sync()["plan"]["changes"] == []


def test_an_undo_says_that_the_next_sync_does_it_again_and_how_to_keep_it_from_that(renamed: Office) -> None:
    shown = renamed.run("undo", last_run(renamed), "--yes")
    assert "udesk_cn says 'Zero', and the next sync writes that again" in shown.out
    assert "orgweave review pin department Zero name 'Unit 0'" in shown.out
    assert renamed.sync()["plan"]["summary"]["ready"] == 4


def test_pins_as_the_undo_names_them_make_it_last(renamed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines.verbs, "publish", publish)  # from here on: a decision needs the file
    undone(renamed, last_run(renamed))
    for path, name in (("Zero", "Unit 0"), ("One", "Unit 1")):
        assert renamed.run("review", "pin", "department", path, "name", name).code == 0
    assert renamed.sync()["plan"]["changes"] == []


def test_a_record_that_somebody_edited_since_is_spared_and_named_with_both_values(renamed: Office) -> None:
    run_id, amm = last_run(renamed), renamed.vendors.scalepad
    [edited] = [key for key, (name, _) in amm.departments.items() if name == "Zero"]
    amm.rename(edited, "Nil")
    told = undone(renamed, run_id, code=3)
    [spared] = [one for one in told["plan"]["changes"] if one["status"] != "ready"]
    assert (spared["rule"], spared["connection"]) == ("edited_since", "amm")
    assert "name: the run wrote 'Zero', now it is 'Nil'" in spared["reason"]
    assert {"Nil", "Unit 1"} <= {*renamed.at_amm()}


def test_what_a_later_run_of_ours_wrote_is_told_as_such(renamed: Office) -> None:
    run_id = last_run(renamed)
    renamed.vendors.udesk.rename(unit(renamed, "Zero"), "Nought")
    renamed.sync()
    later = last_run(renamed)
    told = undone(renamed, run_id, code=3)
    reasons = [one["reason"] for one in told["plan"]["changes"] if one["rule"] == "edited_since"]
    assert len(reasons) == 2
    assert all(f"run {later[:8]} wrote it since. What to do: undo that one first" in one for one in reasons)


def test_what_a_run_made_is_taken_away_and_stays_away_until_the_undo_is_undone(grown: Office) -> None:
    told = undone(grown, last_run(grown))
    undo = last_run(grown)
    assert told["verified"] is True
    assert [one["op"] for one in told["plan"]["changes"]] == ["delete", "delete"]
    assert "Added" not in grown.at_amm() + grown.at_hq()
    assert all("review unlink" in one["remedy"] for one in told["again"])
    again = grown.run("sync", "--yes", "--json")
    assert (again.code, again.json()["plan"]["summary"]["ready"]) == (3, 0)
    told = undone(grown, undo)
    assert [one["op"] for one in told["plan"]["changes"]] == ["create", "create"]
    assert "it gets a new id" in told["plan"]["changes"][0]["reason"]
    assert "Added" in grown.at_amm()
    assert "Added" in grown.at_hq()
    assert told["verified"] is True
    assert grown.sync()["plan"]["changes"] == []
    assert grown.at_amm().count("Added") == 1


def test_a_record_that_was_made_and_edited_since_is_not_taken_away(grown: Office) -> None:
    hq = grown.vendors.nexudus
    [made] = [key for key in hq.ids("department") if hq.record("department", key)["Name"] == "Added"]
    hq.edit("department", made, Description="ours now")
    [there] = [key for key, (name, _) in grown.vendors.scalepad.departments.items() if name == "Added"]
    grown.vendors.scalepad.add_user("ann", [there])
    told = undone(grown, last_run(grown), code=3)
    assert rules(told) == [("amm", "refused", "edited_since"), ("hq", "refused", "edited_since")]
    reasons = [one["reason"] for one in told["plan"]["changes"]]
    assert "1 members now" in reasons[0]
    assert "description: the run wrote" in reasons[1]
    assert "Added" in grown.at_amm()


def test_a_record_that_was_made_and_switched_off_since_is_not_taken_away(grown: Office) -> None:
    nexudus = grown.vendors.nexudus
    (made,) = (one for one in nexudus.ids("department") if nexudus.record("department", one)["Name"] == "Added")
    nexudus.edit("department", made, Active=False)
    told = undone(grown, last_run(grown), code=3)
    (kept,) = (one for one in told["plan"]["changes"] if one["connection"] == "hq")
    assert (kept["rule"], "somebody switched it off since" in kept["reason"]) == ("edited_since", True)
    assert ("Added" in grown.at_hq(), "Added" in grown.at_amm()) == (True, False)


def test_what_somebody_took_away_since_is_done_already(grown: Office) -> None:
    hq = grown.vendors.nexudus
    [made] = [key for key in hq.ids("department") if hq.record("department", key)["Name"] == "Added"]
    hq.remove("department", made)
    assert rules(undone(grown, last_run(grown))) == [("amm", "ready", "undo")]


def test_without_consent_nothing_is_written_and_apply_applies_the_plan(renamed: Office) -> None:
    writes = renamed.writes()
    asked = renamed.run("undo", last_run(renamed), "--json")
    assert (asked.code, renamed.writes()) == (3, writes)
    assert "orgweave apply" in asked.err
    applied = renamed.run("apply", "--yes", "--json")
    assert (applied.code, applied.json()["plan_id"]) == (0, asked.json()["plan_id"])
    assert applied.json()["verified"] is True
    assert "Unit 0" in renamed.at_amm()


def test_an_account_that_cannot_be_read_is_left_and_the_other_is_brought_back(renamed: Office) -> None:
    run_id = last_run(renamed)
    always(renamed.vendors.nexudus, failing(503))
    told = undone(renamed, run_id, code=5)
    assert {name for name, _, _ in rules(told)} == {"amm"}
    assert "Unit 0" in renamed.at_amm()
    assert "Zero" in renamed.at_hq()


def test_a_target_that_may_not_be_written_any_more_is_refused_with_the_key_that_allows_it(renamed: Office) -> None:
    renamed.reconfigure('write_to  = ["amm", "hq"]', 'write_to  = ["hq"]')
    told = undone(renamed, last_run(renamed), code=3)
    refused = [one for one in told["plan"]["changes"] if one["status"] == "refused"]
    assert {(one["connection"], one["rule"]) for one in refused} == {("amm", "not_written_to")}
    assert "Zero" in renamed.at_amm()


def test_a_run_that_is_unknown_or_not_the_only_one_or_wrote_nothing_is_told_with_those_that_wrote(
    renamed: Office,
) -> None:
    for which, told in (("zzz", "there is no run zzz; the last runs that wrote: "), ("", "runs have")):
        ran = renamed.run("undo", which, "--yes")
        assert ran.code == 2
        assert told in ran.err
    assert renamed.run("plan").code == 0
    ran = renamed.run("undo", last_run(renamed), "--yes")
    assert (ran.code, "(plan) wrote nothing; the last runs that wrote:" in ran.err) == (2, True)
