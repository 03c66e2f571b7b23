import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mappings.model import FIELDS, Entity, Op, Value
from sources.errors import Gone, Rejected, Unavailable, Unknown
from sources.http import ATTEMPTS
from sources.nexudus import settings
from sources.nexudus.records import parse_time
from sources.nexudus.sandbox_records import DEPARTMENT, TASK, TEAM, Kind
from sources.nexudus.settings import VENDOR
from tests.sources.nexudus_rig import (
    DUE,
    HTML,
    PAGED,
    Rig,
    bodies,
    does_then_says,
    filled_twin,
    new_twin,
    says,
    task_values,
    tells,
)


def test_the_card_carries_every_canonical_field_but_a_parent() -> None:
    card = VENDOR.card({"business_id": 123})
    carried = {entity: held.carries for entity, held in card.entities.items()}
    assert carried == {entity: frozenset(FIELDS[entity]) - {"parent_id"} for entity in PAGED}


def test_the_card_tells_what_a_create_needs() -> None:
    entities = VENDOR.card({"business_id": 123}).entities
    assert entities[Entity.DEPARTMENT].required == {"name": None}
    assert entities[Entity.TEAM].required.keys() == {"name"}
    assert entities[Entity.TASK].required.keys() == {"title", "assignee_id", "subject_id"}


@pytest.mark.parametrize("entity", PAGED)
def test_a_move_is_refused_by_the_card_with_a_remedy(entity: Entity) -> None:
    held = VENDOR.card({"business_id": 123}).entities[entity]
    assert Op.MOVE not in held.costs
    assert held.refusals[Op.MOVE][0] == "vendor_cannot_move"


def test_a_department_can_be_switched_off_and_nothing_else_of_it_changes_while_teams_and_tasks_cannot() -> None:
    entities = VENDOR.card({"business_id": 123}).entities
    assert [entity for entity, held in entities.items() if Op.DEACTIVATE in held.costs] == [Entity.DEPARTMENT]
    assert {held.refusals[Op.DEACTIVATE][0] for held in entities.values()} == {"vendor_cannot_deactivate"}
    twin, _, user = filled_twin()
    number = twin.add_department(Name="D", Description="x", Managers=[user], TaskListId=7)
    before, client = twin.record("department", number), Rig(twin).client
    client.change(Entity.DEPARTMENT, client.observe(Entity.DEPARTMENT, str(number)), {"active": False})
    after = twin.record("department", number)
    assert {name for name in after if after[name] != before[name]} == {"Active", "UpdatedOn"}
    assert client.observe(Entity.DEPARTMENT, str(number)).values["active"] is False


def test_the_price_of_a_change_on_the_card_is_what_it_costs_on_the_wire() -> None:
    rig = Rig(new_twin())
    costs = VENDOR.card({"business_id": 123}).entities[Entity.TEAM].costs
    number = rig.client.create(Entity.TEAM, {"name": "A"})
    assert rig.wire.calls == costs[Op.CREATE].reads + costs[Op.CREATE].writes  # what was made, a list shows
    rig.client.change(Entity.TEAM, rig.client.observe(Entity.TEAM, number), {"name": "B"})
    rig.client.observe(Entity.TEAM, number)
    assert rig.wire.calls - 1 == costs[Op.RENAME].reads + costs[Op.RENAME].writes


def test_a_task_is_observed_in_canonical_terms() -> None:
    twin, coworker, user = filled_twin()
    number = twin.add_task(
        Name="Call",
        Notes="soon",
        Completed=True,
        DueDate="2026-07-01T09:30:00",
        CoworkerId=coworker,
        ResponsibleId=user,
    )
    seen = Rig(twin).client.observe(Entity.TASK, str(number))
    assert seen.values == task_values(coworker, user, notes="soon", completed=True, due_at=DUE)
    assert seen.record == twin.record("task", number)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-07-01T09:30:00Z", DUE),
        ("2026-07-01T09:30:00", DUE),
        ("2026-07-01T11:30:00+02:00", DUE),
        ("2026-07-01T09:30:00.1234567Z", DUE.replace(microsecond=123456)),
        ("soon", None),
        ("", None),
        (None, None),
        (5, None),
    ],
)
def test_a_time_is_aware_and_in_utc_or_none(text: object, moment: datetime | None) -> None:
    found = parse_time(text)
    assert found == moment
    assert found is None or found.tzinfo is UTC


def test_an_unknown_id_is_gone() -> None:
    rig = Rig(new_twin())
    with pytest.raises(Gone):
        rig.client.observe(Entity.TEAM, "5")
    with pytest.raises(Gone):
        rig.client.observe(Entity.TEAM, "user:5")


def test_a_proxys_404_page_does_not_make_a_record_gone() -> None:
    twin = new_twin()
    number = twin.add_team(Name="T")
    twin.faults.append(says(404, HTML))
    assert Rig(twin).client.observe(Entity.TEAM, str(number)).values["name"] == "T"


def test_an_answer_about_another_record_is_no_answer() -> None:
    twin = new_twin()
    one, other = twin.add_team(Name="one"), twin.add_team(Name="other")
    twin.faults.extend([tells(200, twin.record("team", other))] * ATTEMPTS)
    with pytest.raises(Unavailable):
        Rig(twin).client.observe(Entity.TEAM, str(one))


def test_a_field_that_the_record_does_not_hold_is_unknown_and_not_empty() -> None:
    twin = new_twin()
    number = twin.add_team(Name="T")
    twin.faults.append(tells(200, {"Id": number, "Name": "T"}))
    assert Rig(twin).client.observe(Entity.TEAM, str(number)).values == {"name": "T"}


def full_fields(kind: Kind, coworker: int, user: int) -> dict[str, Any]:
    """A value other than the cleared one in every writable field of an entity."""
    numbers = ("Id", "Count", "Passes", "Services", "Charges", "Tariffs")
    values: dict[str, Any] = {name: 7 if name.endswith(numbers) else f"{name} of it" for name in kind.values}
    del values["BusinessId"]
    people = {"CoworkerId": coworker, "ResponsibleId": user, "DueDate": "2026-07-01T09:30:00Z"}
    values |= {name: value for name, value in people.items() if name in values}
    files = {f"{stem}FileName": f"{stem}.png" for stem in kind.files}
    arrays = {name: [3, 1, 2] for name in kind.arrays}
    return {**values, **dict.fromkeys(kind.flags, True), **arrays, **files, "SystemId": "ours-1"}


CHANGES: list[tuple[Entity, Kind, dict[str, Value], str]] = [
    (Entity.TEAM, TEAM, {"name": "new"}, "Name"),
    (Entity.TEAM, TEAM, {"description": None}, "Description"),
    (Entity.DEPARTMENT, DEPARTMENT, {"name": "new"}, "Name"),
    (Entity.DEPARTMENT, DEPARTMENT, {"description": "new"}, "Description"),
    (Entity.TASK, TASK, {"title": "new"}, "Name"),
    (Entity.TASK, TASK, {"notes": None}, "Notes"),
    (Entity.TASK, TASK, {"completed": False}, "Completed"),
]


@pytest.mark.parametrize("local_wins", [False, True])
@pytest.mark.parametrize(("entity", "kind", "values", "changed"), CHANGES)
def test_a_change_leaves_every_other_field_as_it_was(
    entity: Entity,
    kind: Kind,
    values: dict[str, Value],
    changed: str,
    local_wins: bool,  # noqa: FBT001 - a parameter
) -> None:
    twin, coworker, user = filled_twin(due_date_local_wins=local_wins)
    add = {Entity.TEAM: twin.add_team, Entity.DEPARTMENT: twin.add_department, Entity.TASK: twin.add_task}[entity]
    number = add(**full_fields(kind, coworker, user))
    before = twin.record(PAGED[entity], number)
    client = Rig(twin).client
    client.change(entity, client.observe(entity, str(number)), values)
    after = twin.record(PAGED[entity], number)
    moved = {name for name in before if before[name] != after[name]}
    assert moved - {"UpdatedOn", "ToStringText"} == {changed}
    assert client.observe(entity, str(number)).values.items() >= values.items()


@pytest.mark.parametrize("local_wins", [False, True])
@pytest.mark.parametrize("due", [DUE + timedelta(days=200), None])
def test_a_new_due_date_holds_whichever_of_the_two_dates_wins(
    due: datetime | None,
    local_wins: bool,  # noqa: FBT001 - a parameter
) -> None:
    twin, coworker, user = filled_twin(due_date_local_wins=local_wins)
    number = str(twin.add_task(**full_fields(TASK, coworker, user)))
    client = Rig(twin).client
    client.change(Entity.TASK, client.observe(Entity.TASK, number), {"due_at": due})
    assert client.observe(Entity.TASK, number).values["due_at"] == due


@pytest.mark.parametrize(
    ("values", "echoed"), [({"title": "N"}, True), ({"due_at": DUE}, True), ({"due_at": None}, False)]
)
def test_the_local_date_is_echoed_unless_the_due_date_changes(values: dict[str, Value], echoed: bool) -> None:  # noqa: FBT001 - a parameter
    twin, coworker, user = filled_twin()
    number = str(twin.add_task(**full_fields(TASK, coworker, user)))
    client = Rig(twin).client
    seen = client.observe(Entity.TASK, number)
    sent = bodies(twin)
    client.change(Entity.TASK, seen, values)
    assert ("DueDateLocal" in sent[0]) == echoed


def test_commands_that_a_record_shows_are_never_given_back() -> None:
    twin = new_twin()
    number = twin.add_team(Name="T", TeamMembers=[1], TeamLogoFileName="logo.png")
    client = Rig(twin).client
    seen = client.observe(Entity.TEAM, str(number))
    commands = {"AddedTeamMembers": [2], "RemovedTeamMembers": [1], "ClearTeamLogoFile": True}
    upload = {"NewTeamImage1Url": "https://files.example.test/x.png"}
    client.change(Entity.TEAM, replace(seen, record={**seen.record, **commands, **upload}), {"name": "N"})
    after = twin.record("team", number)
    assert (after["TeamMembers"], after["TeamLogoFileName"], after["TeamImage1FileName"]) == ([1], "logo.png", None)


@pytest.mark.parametrize(("entity", "lost"), [(Entity.TEAM, "TeamMembers"), (Entity.DEPARTMENT, "Managers")])
def test_a_record_whose_members_are_unknown_is_never_sent_back(entity: Entity, lost: str) -> None:
    twin = new_twin()
    add = twin.add_team if entity is Entity.TEAM else twin.add_department
    number = str(add(Name="T", Description="d", **{lost: [1]}))
    rig = Rig(twin)
    seen = rig.client.observe(entity, number)
    with pytest.raises(Rejected) as refusal:
        rig.client.change(entity, replace(seen, record={**seen.record, lost: None}), {"name": "N"})
    assert (refusal.value.rule, twin.writes()) == ("partial_record", [])


def test_a_change_of_a_record_that_went_is_gone() -> None:
    twin = new_twin()
    number = twin.add_team(Name="T")
    client = Rig(twin).client
    seen = client.observe(Entity.TEAM, str(number))
    twin.remove("team", number)
    with pytest.raises(Gone):
        client.change(Entity.TEAM, seen, {"name": "N"})


def test_a_change_behind_a_bad_answer_is_unknown_and_sent_once() -> None:
    twin = new_twin()
    number = twin.add_team(Name="T")
    client = Rig(twin).client
    seen = client.observe(Entity.TEAM, str(number))
    twin.faults.append(does_then_says(500))
    with pytest.raises(Unknown):
        client.change(Entity.TEAM, seen, {"name": "N"})
    assert (twin.record("team", number)["Name"], len(twin.writes())) == ("N", 1)


def test_the_card_loads_without_the_wire() -> None:
    code = "import sys, sources.nexudus.settings; print(sorted({'httpx', 'dlt', 'pendulum'} & sys.modules.keys()))"
    root = Path(settings.__file__).parents[2]
    command = [sys.executable, "-c", code]
    told = subprocess.run(command, capture_output=True, text=True, cwd=root, check=True)  # noqa: S603 - our own line
    assert told.stdout.strip() == "[]"
