"""Conflicts in ``orgweave review``: two renames of one department, held until a person settles them by one command."""

import json

import pytest

from mappings.model import Entity
from state.decisions import conflict_id
from tests.pipelines.keeping import kept
from tests.pipelines.reviewing import canonical, decide, refused, waiting
from tests.pipelines.rig import LIMITS, Office
from tests.pipelines.test_review_asking import talk

HOLD = f"""
[departments]
authority = ["udesk_cn", "hq"]
write_to  = ["udesk_cn", "amm", "hq"]
on_conflict = "hold"
{LIMITS}
"""


@pytest.fixture
@kept
def torn(office: Office) -> Office:
    """Support is at Udesk, ScalePad and Nexudus; two authorities renamed it: Udesk to Care, Nexudus to Desk."""
    office.configure(HOLD)
    office.tree(("Support",), ("Support", "Tier 1"))
    office.sync()
    rename(office, "Care", "Desk")
    return office


def rename(office: Office, at_udesk: str | None, at_hq: str | None) -> None:
    office.clock.sleep(60)
    if at_udesk:
        office.vendors.udesk.rename(min(office.vendors.udesk.departments), at_udesk)
    if at_hq:
        number = next(n for n in office.vendors.nexudus.ids("department") if "Tier" not in name_at_hq(office, n))
        office.vendors.nexudus.edit("department", number, Name=at_hq)
    assert office.run("sync", "--yes").code == (3 if at_udesk and at_hq else 0)


def name_at_hq(office: Office, number: int) -> str:
    return str(office.vendors.nexudus.record("department", number)["Name"])


def names(office: Office) -> set[str]:
    """What the department is called wherever it is."""
    every = [*office.at_amm(), *office.at_hq(), *(name for name, _ in office.vendors.udesk.departments.values())]
    return {name for name in every if "Tier" not in name}


def test_a_conflict_is_listed_and_settled_by_one_command_and_goes_to_all(torn: Office) -> None:
    [one] = waiting(torn)["conflicts"]
    assert (one["field"], one["name"], one["values"]) == ("name", "Support", {"hq": "Desk", "udesk_cn": "Care"})
    assert one["id"] == conflict_id(Entity.DEPARTMENT, one["canonical_id"], "name")
    listed = torn.run("review")
    assert (listed.code, "hq says Desk" in listed.out, "udesk_cn says Care" in listed.out) == (3, True, True)
    report = torn.run("report", "--json").json()
    assert (report["waiting"], report["left_over"] > 0) == (1, True)  # the changes that it holds are no further matter
    told = decide(torn, "resolve", one["id"][:8], "--take", "hq", "--note", "the lease says so")
    assert told["waiting"] == {"proposals": 0, "conflicts": 0}
    assert torn.run("review").code == 0
    torn.sync()
    assert names(torn) == {"Desk"}
    [row] = torn.ask('SELECT decision, taken, value, decided_by, note, "values" FROM ops.conflicts')
    assert row[:-1] == ("resolve", "hq", "Desk", "lee", "the lease says so")
    assert json.loads(row[-1]) == {"hq": "Desk", "udesk_cn": "Care"}
    assert torn.sync()["plan"]["changes"] == []


def test_a_value_of_ones_own_settles_it_until_an_authority_says_something_new(torn: Office) -> None:
    [one] = waiting(torn)["conflicts"]
    decide(torn, "resolve", one["id"], "--value", "客服 🧡")
    assert torn.ask("SELECT name FROM org.departments WHERE parent_id IS NULL") == [("客服 🧡",)]
    torn.sync()
    assert names(torn) == {"客服 🧡"}
    rename(torn, "Helpdesk", None)
    assert names(torn) == {"Helpdesk"}


def test_why_tells_the_conflict_and_then_who_settled_it(torn: Office) -> None:
    key = canonical(torn, "Support")
    document = torn.run("why", "department", key, "--json").json()
    assert [each["values"] for each in document["conflicts"]] == [{"hq": "Desk", "udesk_cn": "Care"}]
    assert "authorities disagree: hq says Desk; udesk_cn says Care" in torn.run("why", "department", key).out
    decide(torn, "resolve", document["conflicts"][0]["conflict_id"], "--take", "udesk_cn", "--note", "asked 王")
    document = torn.run("why", "department", key, "--json").json()
    assert (document["conflicts"], [each["taken"] for each in document["decisions"]]) == ([], ["udesk_cn"])
    shown = torn.run("why", "department", key).out
    assert "resolve name to Care of udesk_cn, by lee: asked 王" in " ".join(shown.split())


def test_who_is_no_side_of_it_is_not_taken(torn: Office) -> None:
    [one] = waiting(torn)["conflicts"]
    for name in ("amm", "nobody"):
        assert "one of hq, udesk_cn" in refused(torn, "resolve", one["id"], "--take", name)
    assert "cannot be empty" in refused(torn, "resolve", one["id"], "--value", " ")
    assert "is a conflict" in refused(torn, "accept", one["id"])


def test_since_when_it_waits_stays_from_run_to_run(torn: Office) -> None:
    [one] = waiting(torn)["conflicts"]
    torn.clock.sleep(86400)
    assert torn.run("sync", "--yes").code == 3
    assert waiting(torn)["conflicts"] == [one]
    assert one["since"].startswith("2026-03-01")


def test_it_is_asked_on_a_terminal_too(torn: Office) -> None:
    torn.clock.follow_the_machine()
    code, shown = talk(torn, "x", "1")
    assert (code, "1 of 1: name of Support" in shown, "1  hq: Desk" in shown) == (0, True, True), shown
    assert "resolve Support: hq" in shown
    assert torn.ask("SELECT name FROM org.departments WHERE parent_id IS NULL") == [("Desk",)]
