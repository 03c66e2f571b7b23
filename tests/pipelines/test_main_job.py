"""The issue's own words for when it is done, over real HTTP and through dlt."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.conftest import live_by
from tests.pipelines.rig import Office

Writes = dict[str, list[str]]
TOUCHED = {"Name", "ToStringText", "UpdatedOn", "UpdatedBy"}  # what a rename may change of a Nexudus record


@dataclass
class Story:
    """Four syncs: the first, one with nothing new, one after a rename at Udesk, one with nothing new."""

    office: Office
    adopted: str
    known: int
    synced: list[Any]
    writes: list[Writes]
    record: tuple[Any, Any]
    log: list[tuple[str, str]]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with pytest.MonkeyPatch.context() as patch:
        office = Office(tmp_path_factory.mktemp("job"))
        live_by(office.clock, patch)
        _set_secrets(patch)
        with office.server:
            yield _told(office)


def _set_secrets(patch: pytest.MonkeyPatch) -> None:
    from pipelines.sandbox import SECRETS

    for key, value in SECRETS.items():
        patch.setenv(key, value)


def _told(office: Office) -> Story:
    ids = office.tree(("客服",), ("客服", "Support"), ("客服", "Support", "Tier 1"), ("Ops",), ("Ops", "Support"))
    nexudus = office.vendors.nexudus
    adopted = office.vendors.scalepad.add_department("tier 1", "by phone")
    office.vendors.scalepad.add_department("Legal", None)
    users = [nexudus.add_user("Marta", "m@example.test"), nexudus.add_user("陈晨", "c@example.test")]
    coworkers = [nexudus.add_coworker("Ana", "a@example.test"), nexudus.add_coworker("李娜", "l@example.test")]
    chores = nexudus.add_task_list("Chores")
    known = nexudus.add_department(Name="Tier 1", Description="First line", Managers=users, TaskListId=chores)
    nexudus.add_team(Name="Guild 🧭", Description="Monthly", TeamMembers=coworkers, TeamAdministrators=coworkers[:1])
    nexudus.add_task(
        Name="Card", Notes="Second floor\nring twice", DueDate="2026-03-05T09:00:00Z", CoworkerId=coworkers[1],
        ResponsibleId=users[0],
    )  # fmt: skip
    synced, writes = [], []
    for number in range(4):
        if number == 2:
            before = nexudus.record("department", known)
            office.vendors.udesk.rename(ids["客服", "Support", "Tier 1"], "Tier One")
        synced.append(office.sync())
        writes.append(office.writes())
    record = (before, nexudus.record("department", known))
    log = [(mount, method) for mount, method, _, _ in office.server.requests()]
    return Story(office, adopted, known, synced, writes, record, log)


def test_a_department_of_the_same_name_in_other_case_is_adopted_and_not_made_twice(story: Story) -> None:
    assert story.office.vendors.scalepad.departments[story.adopted] == ("Tier One", "by phone")
    assert story.office.at_amm() == ["Legal", "Ops", "Ops / Support", "Tier One", "客服", "客服 / Support"]


def test_missing_departments_are_created_at_every_target(story: Story) -> None:
    assert story.office.at_hq() == ["Ops", "Ops / Support", "Tier One", "客服", "客服 / Support"]
    assert story.synced[0]["plan"]["summary"]["by"] == {
        "amm": {"department": {"create": 4, "rename": 1}},
        "hq": {"department": {"create": 4}},
    }
    assert story.synced[0]["apply"]["verified"] is True


def test_the_published_departments_stand_under_their_parents_by_name(story: Story) -> None:
    found = story.office.ask("SELECT path, depth, active FROM org.departments ORDER BY path")
    assert found == [
        ("Legal", 0, True),
        ("Ops", 0, True),
        ("Ops / Support", 1, True),
        ("客服", 0, True),
        ("客服 / Support", 1, True),
        ("客服 / Support / Tier One", 2, True),
    ]


def test_a_rename_at_the_authority_becomes_one_patch_and_one_put(story: Story) -> None:
    before, after = story.writes[1], story.writes[2]
    assert after["scalepad"][len(before["scalepad"]) :] == ["PATCH"]
    assert after["nexudus"][len(before["nexudus"]) :] == ["PUT"]


def test_a_renamed_nexudus_record_keeps_its_managers_its_task_list_and_every_other_field(story: Story) -> None:
    before, after = story.record
    assert after["Name"] == "Tier One"
    assert before["Managers"]
    assert before["TaskListId"]
    assert {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)} <= TOUCHED


def test_a_sync_with_nothing_new_sends_no_write(story: Story) -> None:
    assert story.writes[1] == story.writes[0]
    assert story.writes[3] == story.writes[2]
    assert story.synced[1]["plan"]["changes"] == story.synced[3]["plan"]["changes"] == []


def test_udesk_is_never_written_when_it_is_not_in_write_to(story: Story) -> None:
    assert {method for mount, method in story.log if mount == "udesk"} == {"GET"}


def test_teams_are_published_with_their_members_and_roles(story: Story) -> None:
    found = story.office.ask(
        "SELECT name, description, member_count, full_name, role FROM org.teams JOIN org.team_members USING (team_id) "
        "JOIN org.people USING (person_id) ORDER BY full_name, role"
    )
    guild = ("Guild 🧭", "Monthly", 2)
    assert found == [(*guild, "Ana", "administrator"), (*guild, "Ana", "member"), (*guild, "李娜", "member")]


def test_tasks_are_published_with_notes_due_date_and_people(story: Story) -> None:
    found = story.office.ask(
        "SELECT title, notes, completed, due_at::VARCHAR, who.full_name, whom.full_name FROM org.tasks "
        "JOIN org.people AS who ON who.person_id = assignee_id JOIN org.people AS whom ON whom.person_id = subject_id"
    )
    assert found == [("Card", "Second floor\nring twice", False, "2026-03-05 09:00:00+00", "Marta", "李娜")]


def test_e_mail_addresses_are_not_published_unasked(story: Story) -> None:
    assert story.office.ask("SELECT DISTINCT email FROM org.people") == [(None,)]
    assert b"example.test" not in Path(story.office.published).read_bytes()


def test_the_crosswalk_tells_how_each_record_was_matched(story: Story) -> None:
    found = story.office.ask(
        "SELECT connection, method, count(*) FROM org.crosswalk WHERE entity = 'department' GROUP BY ALL ORDER BY ALL"
    )
    assert found == [
        ("amm", "exact", 1),
        ("amm", "founded", 1),
        ("amm", "journal", 4),
        ("hq", "exact", 1),
        ("hq", "journal", 4),
        ("udesk_cn", "founded", 5),
    ]


def test_the_change_log_tells_every_write_and_its_ending(story: Story) -> None:
    found = story.office.ask("SELECT connection, op, status, count(*) FROM ops.changes GROUP BY ALL ORDER BY ALL")
    assert found == [
        ("amm", "create", "done", 4),
        ("amm", "rename", "done", 2),
        ("hq", "create", "done", 4),
        ("hq", "rename", "done", 1),
    ]


def test_the_number_of_calls_of_a_run_is_told(story: Story) -> None:
    calls = story.office.ask("SELECT summary->'calls' FROM ops.runs WHERE command = 'sync' ORDER BY started_at")
    # five lists at Nexudus, and the members of a team that changed in the very minute of the read before
    assert calls[1][0] == '{"amm":1,"hq":6,"udesk_cn":1}'
