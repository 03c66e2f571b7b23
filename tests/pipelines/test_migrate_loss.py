"""The loss report of a migration names what a comparison of both accounts finds afterwards, record by record."""

import csv
import io
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import pytest

from sources.nexudus.sandbox import NexudusTwin
from sources.nexudus.settings import MADE, NO_DESCRIPTION
from tests.houses import house
from tests.pipelines.rig import Office

Facts = dict[str, dict[str, Any]]
"""Source id → what the account holds of a record, in the words of the report; what it does not know is missing."""

EMPTY: tuple[Any, ...] = (None, "", 0, False, [])


def at_udesk(twin: Any) -> Facts:
    return {str(key): {"name": name, "parent": str(above or "")} for key, (name, above) in twin.departments.items()}


def at_scalepad(twin: Any) -> Facts:
    members: dict[str, int] = {}
    for user in twin._users.values():
        for key in user.departments:
            members[key] = members.get(key, 0) + 1
    return {
        key: {"name": name, "description": text, "member_count": members.get(key, 0)}
        for key, (name, text) in twin.departments.items()
    }


def at_nexudus(twin: NexudusTwin) -> Facts:
    found: Facts = {}
    for number in twin.ids("department"):
        record = twin.record("department", number)
        text = record["Description"]
        named = {"name": record["Name"], "description": text, "active": record["Active"]}
        rest = {key: value for key, value in record.items() if key not in {*MADE, "Name", "Description", "Active"}}
        found[str(number)] = {**named, **rest}
    return found


def differences(ours: Facts, theirs: Facts, pairs: Mapping[str, str]) -> set[tuple[str, str]]:
    """(source id, field) of all that does not stand at the target as at the source (mappings/loss.py says how)."""
    found: set[tuple[str, str]] = set()
    for key, facts in ours.items():
        if key not in pairs or pairs[key] not in theirs:
            found.add((key, "record"))
            continue
        there, none = theirs[pairs[key]], (*EMPTY, NO_DESCRIPTION)
        for field, value in facts.items():
            then = there.get(field)
            wanted = pairs.get(value, "not there") if field == "parent" and value else value
            if field != "active" and wanted != then and not (wanted in none and then in EMPTY):
                found.add((key, field))
        if there.get("description") == NO_DESCRIPTION and facts.get("description") in none:
            found.add((key, "description"))  # the source has none, and the target must have one
    return found


def fill_udesk(office: Office, chance: Random) -> None:
    paths = house(24, chance.randint(0, 10**6))
    office.tree(*paths)
    office.tree((f"{paths[0][0]}x".upper(),), (f"{paths[0][0]}X".lower(),))  # two that a flat vendor takes for one


def fill_scalepad(office: Office, chance: Random) -> None:
    scalepad = office.vendors.scalepad
    made = [
        scalepad.add_department(f"{'/'.join(path)[:300]} {number}", chance.choice([None, "", "sells", "=1+1"]))
        for number, path in enumerate(house(12, chance.randint(0, 10**6)))
    ]
    scalepad.add_department("长" * 256, None)
    scalepad.add_user("ann", made[:3])


def fill_nexudus(office: Office, chance: Random) -> None:
    for number, path in enumerate(house(12, chance.randint(0, 10**6))):
        office.vendors.nexudus.add_department(
            Name=f"{path[-1]} {number}",
            Description=chance.choice([NO_DESCRIPTION, "answers", "| pipes | and `ticks`"]),
            Managers=chance.choice([[], [7], [7, 8]]),
            TaskListId=chance.choice([None, 4711]),
            Active=chance.random() > 0.2,
            CustomFields=chance.choice([None, {"Colour": "red"}]),
        )


def beside(office: Office, to: str) -> None:
    """Some records are at the target before, with values of their own."""
    if to == "amm":
        office.vendors.scalepad.add_department("Sales", "the target's own")
    if to == "hq":
        office.vendors.nexudus.add_department(Name="Sales", Description="the target's own")


FILL: Mapping[str, Callable[[Office, Random], None]] = {
    "udesk_cn": fill_udesk,
    "amm": fill_scalepad,
    "hq": fill_nexudus,
}


def seen(office: Office, name: str) -> Facts:
    if name in ("udesk_cn", "second"):
        return at_udesk(office.twins["udesk" if name == "udesk_cn" else "second"])
    if name == "amm":
        return at_scalepad(office.vendors.scalepad)
    twin: Any = office.twins["nexudus" if name == "hq" else "annex"]
    return at_nexudus(twin)


def linked(office: Office, source: str, to: str) -> dict[str, str]:
    rows = office.ask("SELECT canonical_id, connection, source_id FROM org.crosswalk WHERE unlinked_at IS NULL")
    there = {key: source_id for key, name, source_id in rows if name == to}
    return {source_id: there[key] for key, name, source_id in rows if name == source and key in there}


@pytest.mark.parametrize("seed", [pytest.param(1, marks=pytest.mark.long), 2])
@pytest.mark.parametrize(
    ("source", "to"),
    [
        ("udesk_cn", "amm"),
        ("udesk_cn", "hq"),
        ("udesk_cn", "second"),
        ("amm", "hq"),
        ("amm", "udesk_cn"),
        ("hq", "amm"),
        ("hq", "annex"),
    ],
)
def test_the_report_names_every_difference_that_both_accounts_show_afterwards(
    office: Office, source: str, to: str, seed: int
) -> None:
    if to == "second":
        office.add_udesk("")
    elif to == "annex":
        office.add_nexudus("")
    else:
        office.configure("")
    FILL[source](office, Random(seed))  # noqa: S311 - a repeatable company
    if seed == 2:
        beside(office, to)
    before = seen(office, source)
    words = ("--shorten",) if seed == 2 else ()
    ran = office.run("migrate", "--from", source, "--to", to, "--yes", "--no-rehearse", "--json", *words)
    assert ran.code in (0, 3), ran.text
    told = ran.json()
    found = differences(before, seen(office, to), linked(office, source, to))
    assert {(one["source_id"], one["field"]) for one in told["loss"]["records"]} == found
    assert found
    held = {change["status"] for change in told["plan"]["changes"]} - {"ready"}
    check = office.run("migrate", "--from", source, "--to", to, "--check", "--json")
    assert check.code == (3 if "held" in held else 0), check.text


def test_the_report_as_csv_holds_no_formula_and_as_markdown_no_markup(office: Office) -> None:
    office.configure("")
    office.tree(("=HYPERLINK(1)",), ("=HYPERLINK(1)", "| a | @b"), ("+1",), ("+1", "| a | @b"))
    sheet, page = office.folder / "new" / "loss.csv", office.folder / "loss.md"
    words = ("migrate", "--from", "udesk_cn", "--to", "amm", "--no-rehearse")
    ran = office.run(*words, "--csv", str(sheet), "--markdown", str(page))
    assert ran.code == 0, ran.text
    rows = list(csv.reader(io.StringIO(sheet.read_text(encoding="utf-8-sig"))))
    assert rows[0] == ["entity", "source_id", "record", "field", "kind", "value", "instead"]
    assert len(rows) == 5
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert "'=HYPERLINK(1) / | a | @b" in {row[2] for row in rows}
    assert r"\| a \| \@" in page.read_text(encoding="utf-8")
    refused = office.run(*words, "--csv", str(page), "--markdown", str(page.parent / "." / page.name))
    assert (refused.code, f"--markdown and --csv both name {page}" in refused.err) == (2, True)
    assert office.run(*words, "--csv", str(page / "such.csv")).code == 2
