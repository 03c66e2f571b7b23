"""A plan as the command line tells it: as Markdown, and with names where the records have ids."""

import re

import pytest

from tests.pipelines.rig import LIMITS, Office

pytestmark = pytest.mark.usefixtures("unpublished")

HOLD = '\n[departments]\nauthority = ["udesk_cn", "second"]\nwrite_to = ["udesk_cn", "second"]\non_conflict = "hold"\n'
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")


def test_as_markdown_a_plan_holds_every_change_and_obeys_no_name(office: Office) -> None:
    office.tree(("a|b [x](http://e.test) <script>",), ("a|b [x](http://e.test) <script>", "@boss #1"))
    office.reconfigure('client_id = "', 'apply_disabled = true\nclient_id = "')
    assert office.run("pull").code == 0
    shown = office.run("plan", "--markdown").out
    assert re.match(r"# Plan [0-9a-f]{8}: 2 of 4 changes are ready\.\n", shown)
    assert "## hq (Nexudus), departments: 2 to create" in shown
    assert r"refused, `apply_disabled` | connections.amm says apply\_disabled = true" in shown
    assert not re.search(r"(?<!\\)<script|(?<!\\)\[x|@boss|#1\b", shown)
    rows = [line for line in shown.splitlines() if line.startswith("| c")]
    assert len(rows) == 4
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5, 6}


def test_a_conflict_about_a_parent_names_both_parents(office: Office) -> None:
    twin = office.add_udesk(HOLD + LIMITS)
    ids = office.tree(("Asia",), ("Europe",), ("Africa",), ("Asia", "Support"))
    office.sync()
    theirs = {name: number for number, (name, _) in twin.departments.items()}
    office.vendors.udesk._departments[ids["Asia", "Support"]] = ("Support", ids["Europe",])
    twin._departments[theirs["Support"]] = ("Support", theirs["Africa"])
    ran = office.run("pull")
    assert ran.code == 0, ran.text
    shown = " ".join(office.run("plan").out.split())
    assert "authorities disagree: udesk_cn 'Europe', second 'Africa'" in shown
    assert not UUID.search(shown)
