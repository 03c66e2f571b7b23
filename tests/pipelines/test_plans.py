"""What a plan is, when it may be applied, and what becomes of records that changed meanwhile (CONTRACT section 3)."""

import json
import re
from typing import Any

import pytest

from mappings.plan import digest
from tests.pipelines.keeping import kept
from tests.pipelines.rig import DEPARTMENTS, LIMITS, RULES, Office, Ran

pytestmark = pytest.mark.usefixtures("unpublished")

CHANGE_KEYS = {
    *("id", "connection", "entity", "op", "status", "canonical_id", "source_id", "before", "after", "depends_on"),
    *("rule", "reason"),
}


@pytest.fixture
@kept
def pulled(office: Office) -> Office:
    """Udesk has Ops and Ops / Support, ScalePad ops, Nexudus nothing; all of it was read."""
    office.tree(("Ops",), ("Ops", "Support"))
    office.vendors.scalepad.add_department("ops", "d")
    assert office.run("pull").code == 0
    return office


def planned(office: Office, *words: str) -> Any:
    ran = office.run("plan", "--json", *words)
    assert ran.code == 0, ran.text
    return ran.json()


def applied(office: Office, *words: str) -> tuple[int, Any]:
    ran = office.run("apply", "--yes", "--json", *words)
    return ran.code, ran.json()


def refused(ran: Ran, *told: str) -> None:
    assert ran.code == 2
    assert "results" not in ran.out
    for text in told:
        assert text in ran.err


def test_a_plan_as_json_has_the_keys_of_the_contract(pulled: Office) -> None:
    plan = planned(pulled)
    assert plan.keys() - {"workspace"} == {"format", "plan_id", "created_at", "digest", "changes", "summary", "price"}
    assert all(change.keys() == CHANGE_KEYS for change in plan["changes"])
    assert plan["format"] == 1
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", plan["digest"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", plan["created_at"])
    by = {"amm": {"department": {"create": 1, "rename": 1}}, "hq": {"department": {"create": 2}}}
    assert plan["summary"] == {"ready": 4, "refused": 0, "held": 0, "by": by}
    assert plan["price"].keys() == {"amm", "hq"}
    assert all(price.keys() == {"reads", "writes", "seconds"} for price in plan["price"].values())


def test_a_change_tells_what_it_does_to_which_record_and_why(pulled: Office) -> None:
    amm = [change for change in planned(pulled)["changes"] if change["connection"] == "amm"]
    rename = next(change for change in amm if change["op"] == "rename")
    create = next(change for change in amm if change["op"] == "create")
    [source_id] = pulled.vendors.scalepad.departments
    assert (rename["source_id"], rename["before"], rename["after"]) == (source_id, {"name": "ops"}, {"name": "Ops"})
    assert (create["source_id"], create["before"], create["after"]) == (None, None, {"name": "Support"})
    assert (create["rule"], create["reason"]) == ("missing_in_target", "udesk_cn has it (id 2), amm does not")
    assert {change["status"] for change in amm} == {"ready"}


def test_a_plan_touches_no_vendor(pulled: Office) -> None:
    before = pulled.asked()
    planned(pulled)
    assert pulled.asked() == before


def test_out_writes_the_same_sealed_plan_to_a_file(pulled: Office) -> None:
    file = pulled.folder / "new" / "folder" / "plan.json"
    plan = planned(pulled, "--out", str(file))
    assert json.loads(file.read_text(encoding="utf-8")) == plan
    assert plan["digest"] == digest(plan)


def test_out_into_a_folder_that_cannot_be_is_a_clear_error(pulled: Office) -> None:
    refused(pulled.run("plan", "--out", str(pulled.config / "plan.json")), "its folder cannot be made", "exists")


def test_detailed_exitcode_tells_ready_changes_from_none(pulled: Office) -> None:
    assert pulled.run("plan", "--detailed-exitcode").code == 10
    assert pulled.run("plan").code == 0
    pulled.configure(LIMITS)
    ran = pulled.run("plan", "--detailed-exitcode")
    assert (ran.code, "in step" in ran.out) == (0, False)
    assert "Nothing was compared: no account may be written to." in " ".join(ran.out.split())


def test_to_and_only_narrow_a_plan(pulled: Office) -> None:
    assert {change["connection"] for change in planned(pulled, "--to", "hq")["changes"]} == {"hq"}
    assert planned(pulled, "--only", "teams", "--only", "tasks")["changes"] == []
    assert len(planned(pulled, "--only", "departments")["changes"]) == 4
    refused(pulled.run("plan", "--to", "nobody"), "nobody", "udesk_cn, amm, hq")
    refused(pulled.run("plan", "--only", "people"), "people", "departments, teams, tasks")


def test_a_plan_file_is_applied_once(pulled: Office) -> None:
    file = pulled.folder / "plan.json"
    plan = planned(pulled, "--out", str(file))
    code, document = applied(pulled, str(file))
    assert code == 0
    assert document.keys() >= {"run_id", "plan_id", "results", "summary", "verified"}
    assert document["plan_id"] == plan["plan_id"]
    assert document["verified"] is True
    assert [result["status"] for result in document["results"]] == ["done"] * 4
    assert all(result.keys() == {"change_id", "status", "source_id", "error"} for result in document["results"])
    assert pulled.at_amm() == pulled.at_hq() == ["Ops", "Support"]
    writes = pulled.writes()
    refused(pulled.run("apply", "--yes", str(file)), "applied already")
    assert pulled.writes() == writes


def test_apply_without_a_file_takes_the_newest_plan(pulled: Office) -> None:
    planned(pulled)
    newest = planned(pulled, "--to", "hq")
    code, document = applied(pulled)
    assert (code, document["plan_id"]) == (0, newest["plan_id"])
    assert pulled.writes()["scalepad"] == []


def test_apply_without_any_plan_says_so(pulled: Office) -> None:
    refused(pulled.run("apply", "--yes"), "no plan", "orgweave plan")
    refused(pulled.run("apply", "--yes", "other.json"), "other.json", "no such plan")


def test_a_plan_with_one_letter_changed_is_not_applied(pulled: Office) -> None:
    file = pulled.folder / "plan.json"
    planned(pulled, "--out", str(file))
    text = file.read_text(encoding="utf-8")
    for old, new in (('"name": "Support"', '"name": "Supp0rt"'), ('"seconds": ', '"seconds": 1'), ('"c1"', '"c9"')):
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        refused(pulled.run("apply", "--yes", str(file)), "digest")
    assert pulled.writes() == {"udesk": [], "scalepad": [], "nexudus": []}


def test_a_plan_that_was_changed_and_sealed_anew_is_not_applied(pulled: Office) -> None:
    file = pulled.folder / "plan.json"
    plan = planned(pulled, "--out", str(file))
    plan["changes"][0]["after"]["name"] = "Forged"
    file.write_text(json.dumps({**plan, "digest": digest(plan)}), encoding="utf-8")
    refused(pulled.run("apply", "--yes", str(file)), "not the plan that was sealed here")
    assert pulled.writes() == {"udesk": [], "scalepad": [], "nexudus": []}


def test_a_file_that_is_no_plan_is_not_applied(office: Office) -> None:
    file = office.folder / "plan.json"
    for text in (b"", b"[]", b"{}", b"null", b'{"format": 1}', b"\xff", b'{"format": 2, "digest": "x"}', b"[" * 99_999):
        file.write_bytes(text)
        refused(office.run("apply", "--yes", str(file)), "not a plan that can be applied")
    refused(office.run("apply", "--yes", str(office.folder)), "not a plan that can be applied")


def test_a_plan_of_another_workspace_is_not_applied(pulled: Office) -> None:
    file = pulled.folder / "plan.json"
    planned(pulled, "--out", str(file))
    pulled.configure('[workspace]\ndir = "second"\n' + RULES)
    assert pulled.run("pull").code == 0
    refused(pulled.run("apply", "--yes", str(file)), "another workspace")


def test_a_plan_is_not_applied_once_the_workspace_has_moved_on(pulled: Office) -> None:
    file = pulled.folder / "plan.json"
    planned(pulled, "--out", str(file))
    planned(pulled, "--to", "hq")
    assert applied(pulled)[0] == 0
    refused(pulled.run("apply", "--yes", str(file)), "moved on")
    assert pulled.writes()["scalepad"] == []


def test_a_record_edited_after_the_plan_is_left_alone_and_the_rest_is_done(pulled: Office) -> None:
    planned(pulled)
    [source_id] = pulled.vendors.scalepad.departments
    pulled.vendors.scalepad.rename(source_id, "Operations")
    code, document = applied(pulled)
    statuses = [result["status"] for result in document["results"]]
    assert (code, sorted(statuses), document["verified"]) == (3, ["done", "done", "done", "stale"], False)
    assert pulled.at_amm() == ["Operations", "Support"]
    assert pulled.writes()["scalepad"] == ["POST"]


def test_a_record_made_after_the_plan_under_a_planned_name_gets_no_twin(pulled: Office) -> None:
    planned(pulled)
    pulled.vendors.nexudus.add_department(Name="SUPPORT", Description="by hand")
    code, document = applied(pulled)
    stale = [result for result in document["results"] if result["status"] == "stale"]
    assert (code, len(stale)) == (3, 1)
    assert pulled.at_hq() == ["Ops", "SUPPORT"]
    assert pulled.run("sync", "--yes").code == 0
    assert pulled.at_hq() == ["Ops", "Support"]


def test_a_record_deleted_after_the_plan_is_left_alone(pulled: Office) -> None:
    [source_id] = pulled.vendors.scalepad.departments
    pulled.vendors.scalepad.add_department("Legal")
    assert pulled.run("pull").code == 0
    planned(pulled)
    pulled.vendors.scalepad._departments[source_id].deleted = True
    code, document = applied(pulled)
    assert code == 3
    assert [result["error"] for result in document["results"] if result["status"] == "stale"] == ["it is gone at amm"]


def test_apply_without_consent_writes_nothing(pulled: Office) -> None:
    planned(pulled)
    refused(pulled.run("apply"), "nothing was written", "--yes")
    assert pulled.writes() == {"udesk": [], "scalepad": [], "nexudus": []}
    assert applied(pulled)[0] == 0


def test_sync_without_consent_lets_the_changes_wait(pulled: Office) -> None:
    ran = pulled.run("sync", "--json")
    document = ran.json()
    assert (ran.code, document["apply"], document["plan"]["summary"]["ready"]) == (3, None, 4)
    assert "--yes" in ran.err
    assert pulled.writes() == {"udesk": [], "scalepad": [], "nexudus": []}


def test_a_plan_is_not_applied_when_the_configuration_forbids_its_target_now(pulled: Office) -> None:
    planned(pulled)
    pulled.configure(DEPARTMENTS.replace('["amm", "hq"]', '["amm"]') + LIMITS)
    refused(pulled.run("apply", "--yes"), "hq", "may not be written")
    assert pulled.writes() == {"udesk": [], "scalepad": [], "nexudus": []}


def test_a_refused_apply_is_kept_with_its_exit_code(pulled: Office) -> None:
    refused(pulled.run("apply", "--yes"), "no plan")
    newest = pulled.run("runs", "--json").json()["runs"][0]
    assert (newest["command"], newest["exit_code"]) == ("apply", 2)


def test_an_account_that_is_taken_out_of_the_configuration_stops_nothing(pulled: Office) -> None:
    assert pulled.run("sync", "--yes").code == 0
    text = pulled.config.read_text(encoding="utf-8").replace('["amm", "hq"]', '["hq"]')
    pulled.config.write_text(text.replace(text[text.index("[connections.amm]") : text.index("[connections.hq]")], ""))
    pulled.vendors.udesk.rename(1, "Operations")
    assert pulled.run("sync", "--yes").code == 0
    assert (pulled.at_hq(), pulled.at_amm()) == (["Operations", "Support"], ["Ops", "Support"])
