"""``orgweave migrate``: a move between two accounts, planned, told, written, compared and taken back (issue 6)."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.pipelines.keeping import kept
from tests.pipelines.rig import LIMITS, RULES, Office

pytestmark = pytest.mark.usefixtures("unpublished")

TREE: Sequence[tuple[str, ...]] = (
    ("Europe",),
    ("Europe", "Support"),
    ("Asia",),
    ("Asia", "Support"),
    ("Asia", "客服"),
)
FLAT = ["Asia", "Asia / Support", "Europe", "Europe / Support", "客服"]


@pytest.fixture
def house(office: Office) -> Office:
    """A tree of five at Udesk, two of them namesakes; ScalePad and Nexudus are empty, and no rule is configured."""
    office.configure("")
    office.tree(*TREE)
    return office


@pytest.fixture
@kept
def moved(house: Office) -> Office:
    """The tree of five was moved to ScalePad."""
    migrate(house, "--yes")
    return house


def migrate(office: Office, *words: str, to: str = "amm", source: str = "udesk_cn", code: int = 0) -> Any:
    ran = office.run("migrate", "--from", source, "--to", to, "--json", *words)
    assert ran.code == code, ran.text
    return ran.json()


def changes(told: Any) -> list[tuple[str, str, str]]:
    return [(one["op"], one["status"], one["after"].get("name", "")) for one in told["plan"]["changes"]]


def states(told: Any) -> dict[str, int]:
    return {state: count for state, count in told["parity"]["counts"].items() if count}


def test_without_yes_plan_loss_and_price_are_told_and_nothing_is_written_until_it_is_applied(house: Office) -> None:
    told = migrate(house)
    assert [name for _, _, name in changes(told)] == ["Asia", "Europe", "Asia / Support", "客服", "Europe / Support"]
    assert told["plan"]["price"]["amm"]["writes"] == 5
    assert {(one["field"], one["kind"], one["records"]) for one in told["loss"]["counts"]} == {
        ("parent", "lost", 3),
        ("name", "changed", 2),
    }
    assert told["rehearsal"]["good"] is True
    assert (house.at_amm(), house.writes()["scalepad"]) == ([], [])
    shown = house.run("migrate", "--from", "udesk_cn", "--to", "amm")
    assert shown.code == 0
    assert "Loss report: 3 of 5 records" in shown.out
    assert "Nothing was written" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 120
    applied = house.run("apply", "--yes", "--json")
    assert (applied.code, applied.json()["verified"]) == (0, True), applied.text
    assert house.at_amm() == FLAT


def test_a_migration_needs_no_rules_and_parity_is_green_after_it(house: Office) -> None:
    assert states(migrate(house, "--check", code=3)) == {"missing": 5}
    assert migrate(house, "--yes")["apply"]["verified"] is True
    assert house.at_amm() == FLAT
    assert states(migrate(house, "--check")) == {"same": 5}
    assert migrate(house, "--yes")["plan"]["changes"] == []
    assert house.writes() == {"udesk": [], "scalepad": ["POST"] * 5, "nexudus": []}


@pytest.mark.parametrize("to", ["hq", "second"])  # and to ScalePad in the tests around
def test_departments_go_from_udesk_to_each_vendor(house: Office, to: str) -> None:
    house.add_udesk("")
    migrate(house, "--yes", to=to)
    assert states(migrate(house, "--check", to=to)) == {"same": 5}
    if to == "second":
        second: Any = house.twins["second"]
        names = {key: name for key, (name, _) in second.departments.items()}
        assert sorted((names.get(above, ""), name) for name, above in second.departments.values()) == [
            ("", "Asia"),
            ("", "Europe"),
            ("Asia", "Support"),
            ("Asia", "客服"),
            ("Europe", "Support"),
        ]


@pytest.mark.long
@pytest.mark.usefixtures("published")
def test_the_configured_rules_find_nothing_to_do_after_a_migration(house: Office) -> None:
    house.configure(RULES.replace('"amm", ', ""))
    house.sync()
    model = "SELECT department_id, name, path, active FROM org.departments ORDER BY ALL"
    whose = "SELECT canonical_id, field, value, connection FROM org.provenance WHERE value IS NOT NULL ORDER BY ALL"
    before = house.ask(model), house.ask(whose)
    migrate(house, "--yes")
    assert (house.ask(model), house.ask(whose)) == before
    told = house.sync()
    assert told["plan"]["changes"] == []
    house.configure(RULES)
    assert house.sync()["plan"]["changes"] == []


def test_an_edit_at_an_authority_that_was_not_synced_yet_survives_a_migration(house: Office) -> None:
    house.configure('[departments]\nauthority = ["udesk_cn", "hq"]\nwrite_to = ["hq", "udesk_cn"]\n' + LIMITS)
    house.sync()
    nexudus = house.vendors.nexudus
    [asia] = [one for one in nexudus.ids("department") if nexudus.record("department", one)["Name"] == "Asia"]
    nexudus.edit("department", asia, Name="APAC")
    house.clock.sleep(90_000)
    migrate(house, "--yes")
    assert "Asia" in house.at_amm()
    house.sync()
    assert "APAC" in {name for name, _ in house.vendors.udesk.departments.values()}


def test_accounts_that_are_not_named_are_not_even_read_and_the_target_is_listed_twice(house: Office) -> None:
    migrate(house, "--yes")
    assert {mount for mount, *_ in house.server.requests()} == {"udesk", "scalepad"}
    listed = [path for mount, method, path, _ in house.server.requests() if (mount, method) == ("scalepad", "GET")]
    assert len(listed) == 2  # for the plan, which is near enough for its creates, and after them


def test_what_is_new_or_renamed_since_is_all_that_a_second_migration_writes(moved: Office) -> None:
    udesk = moved.vendors.udesk
    ids = {name: key for key, (name, _) in udesk.departments.items()}
    udesk.rename(ids["Europe"], "EMEA")
    udesk.add_department("Legal", ids["Asia"])
    told = migrate(moved, "--yes")
    assert sorted(changes(told)) == [
        ("create", "ready", "Legal"),
        ("rename", "ready", "EMEA"),
        ("rename", "ready", "EMEA / Support"),
    ]
    assert states(migrate(moved, "--check")) == {"same": 6}


def test_what_somebody_edited_at_the_target_since_is_left_alone_and_told(moved: Office) -> None:
    scalepad = moved.vendors.scalepad
    [key] = [key for key, (name, _) in scalepad.departments.items() if name == "Asia"]
    scalepad.rename(key, "Asia and Oceania")
    told = migrate(moved, "--yes", code=3)
    assert [(one["status"], one["rule"]) for one in told["plan"]["changes"]] == [("held", "edited_at_target")]
    assert "Asia and Oceania" in moved.at_amm()
    assert states(migrate(moved, "--check", code=3)) == {"same": 4, "waiting": 1}


def test_undo_takes_all_runs_of_a_migration_back_at_once_and_it_can_be_made_again(house: Office) -> None:
    first = migrate(house, "--yes", "--subtree", "Europe")["run_id"]
    run_id = migrate(house, "--yes")["run_id"]
    shown = " ".join(house.run("undo", run_id).out.split())
    assert f"other runs of migrations made records there too: {first[:8]} (2 records)" in shown
    assert f"orgweave undo {run_id[:8]} {first[:8]}" in shown
    undone = house.run("undo", run_id[:8], first[:8], "--yes", "--json")
    assert (undone.code, undone.json()["verified"]) == (0, True), undone.text
    assert (house.at_amm(), undone.json()["again"]) == ([], [])
    assert migrate(house, "--yes")["apply"]["verified"] is True
    assert house.at_amm() == FLAT


def test_what_was_deleted_by_hand_at_the_target_is_not_made_again_unasked(moved: Office) -> None:
    scalepad = moved.vendors.scalepad
    [key] = [key for key, (name, _) in scalepad.departments.items() if name == "客服"]
    scalepad._departments[key].deleted = True
    told = migrate(moved, "--yes", code=3)
    assert [one["rule"] for one in told["plan"]["changes"]] == ["gone_at_target"]


def test_a_name_that_a_flat_account_qualifies_is_no_new_name_in_a_tree(moved: Office) -> None:
    moved.vendors.scalepad.add_department("Legal")
    told = migrate(moved, "--yes", source="amm", to="udesk_cn")
    assert changes(told) == [("create", "ready", "Legal")]
    assert states(migrate(moved, "--check", source="amm", to="udesk_cn")) == {"same": 6}


def test_siblings_of_one_name_are_told_with_a_remedy_that_helps_where_a_name_stands_once(house: Office) -> None:
    udesk = house.vendors.udesk
    ids = {name: key for key, (name, _) in udesk.departments.items()}
    twin = udesk.add_department("客服 ", ids["Asia"])
    told = migrate(house, "--no-rehearse", code=3)
    [refused] = [one for one in told["plan"]["changes"] if one["status"] == "refused"]
    assert refused["rule"] == "name_taken"
    assert (
        f"2 departments of udesk_cn would be called 'Asia / 客服' at amm (ids {ids['客服']}, {twin})"
        in refused["reason"]
    )
    assert "What to do: give each a name of its own at udesk_cn, and migrate again" in refused["reason"]


def test_a_loss_that_must_not_be_stops_before_the_first_write(house: Office) -> None:
    told = migrate(house, "--yes", "--fail-on-loss", "Parent", code=4)
    assert "apply" not in told
    assert house.at_amm() == []
    ran = house.run("migrate", "--from", "udesk_cn", "--to", "amm", "--fail-on-loss", "parnt")
    assert (ran.code, "did you mean parent?" in ran.err) == (2, True)
    assert house.run("apply", "--yes").code == 2


def test_a_daily_budget_is_told_before_and_the_same_line_goes_on_the_next_day(house: Office) -> None:
    house.configure("", connections={"hq": "pace = {writes_per_day = 3}\n"})
    shown = house.run("migrate", "--from", "udesk_cn", "--to", "hq")
    assert shown.code == 0
    assert "the plan has 5 writes, 3 of its 3 a day are left" in " ".join(shown.out.split())
    assert "Rehearsal: 5 of 5 changes go well" in shown.out
    for there, code in ((3, 3), (5, 0)):
        migrate(house, "--yes", to="hq", code=code)
        assert len(house.at_hq()) == there
        house.clock.sleep(25 * 3600)
    assert states(migrate(house, "--check", to="hq")) == {"same": 5}


MISTAKES: Sequence[tuple[Sequence[str], str]] = (
    (("--from", "amm", "--to", "amm"), "both name amm"),
    (("--from", "amm", "--to", "nowhere"), "there is no [connections.nowhere]"),
    (("--from", "amm", "--to", "hq", "--only", "tasks"), "do not both hold tasks"),
    (("--from", "amm", "--to", "hq", "--only", "desks"), "there is no kind desks"),
    (("--from", "amm", "--to", "udesk_cn", "--as", "teams"), "Udesk (udesk_cn) holds no teams"),
    (("--from", "hq", "--to", "amm", "--as", "tasks"), "one kind at a time"),
    (("--from", "hq", "--to", "amm", "--only", "teams", "--subtree", "A"), "a branch of departments"),
    (("--from", "udesk_cn", "--to", "amm", "--subtree", "Africa"), "has no department of this path"),
)


def test_a_mistake_is_named_and_nothing_is_written(house: Office) -> None:
    for words, says in MISTAKES:
        ran = house.run("migrate", "--yes", *words)
        assert ran.code == 2
        assert says in ran.err
    assert house.writes() == {"udesk": [], "scalepad": [], "nexudus": []}
