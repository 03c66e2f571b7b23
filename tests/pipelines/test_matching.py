"""Matching as an operator meets it: nothing is made beside what waits, what was made again is asked about."""

import pytest

from tests.pipelines.rig import Office

WAITING = "SELECT connection, source_id, question, reason FROM ops.proposals"


def held(office: Office) -> list[tuple[str, str, str]]:
    """(connection, new name, rule) of the held changes of a plan."""
    ran = office.run("plan", "--json")
    assert ran.code == 3, ran.text
    changes = ran.json()["changes"]
    return sorted((one["connection"], one["after"]["name"], one["rule"]) for one in changes if one["status"] == "held")


def linked(office: Office, connection: str) -> dict[str, str]:
    """Source id → path of the department that it is linked to."""
    return dict(
        office.ask(
            "SELECT source_id, path FROM org.crosswalk JOIN org.departments ON department_id = canonical_id "  # noqa: S608 - a name of the test's own
            f"WHERE connection = '{connection}' AND unlinked_at IS NULL"
        )
    )


def test_a_near_name_waits_as_a_proposal_and_nothing_is_created_beside_it(office: Office) -> None:
    office.tree(("Ops",), ("Customer Support",))
    at_amm = office.vendors.scalepad.add_department("Custommer Support")
    assert office.run("pull").code == 0
    assert held(office) == [("amm", "Customer Support", "ambiguous_match")]
    ran = office.run("sync", "--yes", "--json")
    assert ran.code == 3, ran.text
    assert office.at_amm() == ["Custommer Support", "Ops"]
    assert office.at_hq() == ["Customer Support", "Ops"]
    [(connection, source_id, question, reason)] = office.ask(WAITING)
    assert (connection, source_id, question) == ("amm", at_amm, "near")
    assert 'much like "Customer Support" (name 0.9' in reason


def test_a_rejected_proposal_founds_one_record_and_is_never_asked_again(office: Office) -> None:
    office.tree(("Ops",), ("Customer Support",))
    at_amm = office.vendors.scalepad.add_department("Custommer Support")
    assert office.run("pull").code == 0
    [(proposal,)] = office.ask("SELECT proposal_id FROM ops.proposals")
    assert office.run("review", "reject", proposal, "--by", "lee").code == 0
    for _ in range(2):
        assert office.run("sync", "--yes").code == 0
    assert office.at_amm() == ["Customer Support", "Custommer Support", "Ops"]
    assert linked(office, "amm")[at_amm] == "Custommer Support"


@pytest.mark.parametrize(
    "other", [True, pytest.param(False, marks=pytest.mark.long)], ids=["beside another new one", "alone"]
)
def test_a_record_made_again_at_its_vendor_is_asked_about_and_linked_to_nothing(office: Office, *, other: bool) -> None:
    office.tree(("Ops",), ("Legal",))
    office.sync()
    scalepad = office.vendors.scalepad
    [old] = [one for one, path in linked(office, "amm").items() if path == "Legal"]
    scalepad._departments[old].deleted = True
    new = scalepad.add_department("Legal")
    if other:
        office.tree(("Night shift",))
    assert office.run("pull").code == 0
    [(connection, source_id, question, reason)] = office.ask(WAITING)
    assert (connection, source_id, question) == ("amm", new, "recreated")
    assert reason.startswith('re-created? "Legal"')
    assert new not in linked(office, "amm")


def test_aliases_join_names_that_no_string_distance_can(office: Office) -> None:
    (office.folder / "aliases.toml").write_text('[departments]\n"工程部" = "Engineering"\n', encoding="utf-8")
    office.tree(("工程部",), ("工程部", "Night shift"))
    office.vendors.scalepad.add_department("Engineering")
    office.vendors.nexudus.add_department(Name="engineering / Night shift", Description="d")
    assert office.run("pull").code == 0
    assert office.ask("SELECT path FROM org.departments ORDER BY 1") == [("工程部",), ("工程部 / Night shift",)]
    assert set(linked(office, "amm").values()) == {"工程部"}
    assert set(linked(office, "hq").values()) == {"工程部 / Night shift"}


ALIASES = [
    ("[people]\nA = 'B'\n", "people"),
    ("departments = 1\n", "departments is a table"),
    ("[departments]\nA = 1\n", 'departments."A"'),
    ("[departments]\nA = []\n", 'departments."A"'),
    ("[departments]\nA = ['B', 1]\n", 'departments."A"'),
    ("[departments]\nA = ' '\n", "blank"),
    ("[departments]\nA = 'B'\nC = 'b'\n", "two groups"),
    ("[departments\n", "not TOML"),
]


@pytest.mark.parametrize(("text", "told"), ALIASES)
def test_a_mistake_in_the_aliases_is_named_with_file_and_key(office: Office, text: str, told: str) -> None:
    (office.folder / "aliases.toml").write_text(text, encoding="utf-8")
    ran = office.run("pull")
    assert ran.code == 2
    assert told in ran.err
    assert "aliases.toml" in ran.err


def test_aliases_that_are_configured_must_be_there(office: Office) -> None:
    office.reconfigure("[connections.udesk_cn]", '[workspace]\naliases = "words.toml"\n[connections.udesk_cn]')
    ran = office.run("pull")
    assert ran.code == 2
    assert "words.toml" in ran.err
