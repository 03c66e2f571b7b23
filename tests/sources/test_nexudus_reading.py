import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mappings.model import Entity
from sources.errors import Denied, Unavailable
from sources.http import ATTEMPTS
from sources.nexudus.sandbox import NexudusTwin
from sources.nexudus.settings import VENDOR
from sources.twin import TwinReply, TwinRequest
from tests.sources.nexudus_rig import (
    HTML,
    PAGED,
    Rig,
    filled_twin,
    new_twin,
    rows,
    says,
    tells,
)


@pytest.mark.parametrize("entity", PAGED)
def test_a_read_over_several_pages_is_complete_and_holds_every_record_once(entity: Entity) -> None:
    twin, coworker, user = filled_twin()
    add: dict[Entity, Callable[[int], int]] = {
        Entity.DEPARTMENT: lambda n: twin.add_department(Name=f"D{n}", Description="d"),
        Entity.TEAM: lambda n: twin.add_team(Name=f"T{n}"),
        Entity.TASK: lambda n: twin.add_task(Name=f"K{n}", CoworkerId=coworker, ResponsibleId=user, Notes="n"),
    }
    made = [str(add[entity](number)) for number in range(7)]
    found = Rig(twin).read(entity, page_size=3)
    assert [row.source_id for row in rows(found)] == made
    assert (found.receipt.complete, found.receipt.pages, found.receipt.declared_total) == (True, 3, 7)
    assert found.receipt.end_signal == "HasNextPage false"


def test_only_the_last_page_carries_the_end_signal() -> None:
    twin = new_twin()
    for number in range(5):
        twin.add_team(Name=f"T{number}")
    pages = Rig(twin).client.walk(replace(VENDOR.resource(Entity.TEAM), page_size=2))
    assert [page.ends for page in pages] == [None, None, "HasNextPage false"]


def test_a_due_date_that_moves_while_paging_neither_hides_nor_repeats_a_task() -> None:
    twin, coworker, user = filled_twin()
    people = {"CoworkerId": coworker, "ResponsibleId": user, "Notes": "n"}
    made = [twin.add_task(Name=f"K{day}", DueDate=f"2026-07-0{day}T00:00:00Z", **people) for day in (1, 2, 3, 4)]

    def postpone(_request: TwinRequest, _real: Callable[[TwinRequest], TwinReply]) -> None:
        twin.edit("task", made[0], DueDate="2026-08-01T00:00:00Z")

    twin.faults.extend([lambda _request, _real: None, postpone])
    receipt = Rig(twin).receipt(Entity.TASK, page_size=2)
    assert (receipt.complete, receipt.walks, receipt.duplicates) == (True, 1, 0)


def test_an_empty_location_is_read_as_complete_and_empty() -> None:
    receipt = Rig(new_twin()).receipt(Entity.TEAM)
    assert (receipt.complete, receipt.rows, receipt.calls) == (True, 0, 1)


def test_a_server_that_clamps_the_page_size_does_not_end_the_read_early() -> None:
    twin = new_twin()
    for number in range(1003):
        twin.add_department(Name=f"D{number}", Description="d")
    receipt = Rig(twin).receipt(Entity.DEPARTMENT, page_size=5000)
    assert (receipt.complete, receipt.distinct, receipt.pages) == (True, 1003, 2)


def test_lists_show_no_members_but_the_rows_do() -> None:
    twin, coworker, _ = filled_twin()
    number = twin.add_team(Name="T", TeamMembers=[coworker], TeamAdministrators=[coworker])
    found = Rig(twin).read(Entity.TEAM)
    [row] = rows(found)
    assert json.loads(row.record) == twin.record("team", number)
    assert json.loads(row.record)["TeamMembers"] == [coworker]


def test_details_come_in_batches_of_a_hundred() -> None:
    twin = new_twin()
    for number in range(250):
        twin.add_team(Name=f"T{number}")
    receipt = Rig(twin).receipt(Entity.TEAM)
    assert (receipt.complete, receipt.calls) == (True, 1 + 3)


@pytest.mark.parametrize("refusal", [tells(404, "Not found"), tells(400, {"Message": "The request is invalid."})])
def test_a_refused_batch_is_read_one_by_one(refusal: Any) -> None:
    twin = new_twin()
    made = [twin.add_team(Name=f"T{number}", TeamMembers=[number]) for number in range(3)]
    twin.faults.extend([lambda _request, _real: None, refusal])
    found = Rig(twin).read(Entity.TEAM)
    assert found.receipt.complete
    assert [json.loads(row.record)["TeamMembers"] for row in rows(found)] == [[0], [1], [2]]
    assert [path for _, path, _ in twin.log][2:] == [f"/api/spaces/teams/{number}" for number in reversed(made)]


def test_a_batch_that_answers_list_records_is_not_taken_for_no_members() -> None:
    twin = new_twin()
    number = twin.add_team(Name="T", TeamMembers=[7])
    partial = {**twin.record("team", number), "TeamMembers": None, "TeamAdministrators": None, "ExtraServices": None}
    twin.faults.extend([lambda _request, _real: None, tells(200, [partial])])
    [row] = rows(Rig(twin).read(Entity.TEAM))
    assert json.loads(row.record)["TeamMembers"] == [7]


def test_a_record_that_goes_between_list_and_details_leads_to_another_walk() -> None:
    twin = new_twin()
    stays, goes = twin.add_team(Name="stays"), twin.add_team(Name="goes")

    def vanish(_request: TwinRequest, _real: Callable[[TwinRequest], TwinReply]) -> None:
        twin.remove("team", goes)

    twin.faults.extend([lambda _request, _real: None, vanish])
    found = Rig(twin).read(Entity.TEAM)
    assert (found.receipt.complete, found.receipt.walks) == (True, 2)
    assert [row.source_id for row in rows(found)] == [str(stays)]


def test_a_record_of_another_location_makes_the_read_incomplete_and_names_it() -> None:
    twin = new_twin()
    foreign = twin.add_team(Name="T", BusinessId=999)
    foreign_record = {**twin.record("team", foreign)}
    page = {"Records": [foreign_record], "HasNextPage": False, "TotalItems": 1}
    twin.faults.extend([tells(200, page)] * 3)
    receipt = Rig(twin).receipt(Entity.TEAM)
    assert not receipt.complete
    assert str(foreign) in (receipt.reason or "")
    assert "999" in (receipt.reason or "")


def test_records_of_another_location_are_filtered_out_by_the_vendor() -> None:
    twin = new_twin()
    ours = twin.add_team(Name="ours")
    twin.add_team(Name="theirs", BusinessId=999)
    assert [row.source_id for row in rows(Rig(twin).read(Entity.TEAM))] == [str(ours)]


@pytest.mark.parametrize("bad", ["7", 7.0, True, None, 0, -3])
def test_an_id_that_is_no_positive_whole_number_makes_the_read_incomplete_and_is_named(bad: object) -> None:
    twin = new_twin()
    page = {"Records": [{"Id": bad, "BusinessId": 123}], "HasNextPage": False, "TotalItems": 1}
    twin.faults.extend([tells(200, page)] * 3)
    receipt = Rig(twin).receipt(Entity.TASK)
    assert not receipt.complete
    assert repr(bad) in (receipt.reason or "")


def test_an_empty_page_that_promises_more_is_incomplete() -> None:
    twin = new_twin()
    twin.faults.extend([tells(200, {"Records": [], "HasNextPage": True, "TotalItems": 5})] * 3)
    receipt = Rig(twin).receipt(Entity.TASK)
    assert not receipt.complete
    assert "empty" in (receipt.reason or "")


@pytest.mark.parametrize(
    "body",
    [
        {"TotalItems": 0, "HasNextPage": False},
        {"Records": None, "HasNextPage": False},
        {"Records": []},
        {"Records": [1], "HasNextPage": False},
        {"Records": [], "HasNextPage": False, "TotalItems": "0"},
        [],
        None,
        "",
    ],
)
def test_a_page_without_its_keys_is_asked_for_again_and_never_an_empty_list(body: object) -> None:
    twin = new_twin()
    twin.faults.extend([tells(200, body)] * ATTEMPTS)
    rig = Rig(twin)
    assert not rig.receipt(Entity.TASK).complete
    twin.faults.append(tells(200, body))
    receipt = rig.receipt(Entity.TASK)
    assert (receipt.complete, receipt.retries) == (True, 1)


@pytest.mark.parametrize("body", [HTML, b"", b'{"Records": [', b'{"Records": [], "Records": []}'])
def test_a_200_that_is_not_whole_json_is_no_empty_list(body: bytes) -> None:
    twin = new_twin()
    twin.add_department(Name="D", Description="d")
    twin.faults.extend([says(200, body)] * ATTEMPTS)
    found = Rig(twin).read(Entity.DEPARTMENT)
    assert isinstance(found.fault, Unavailable)
    assert found.pages == ()


def test_a_wrong_base_url_is_named_and_not_taken_for_an_empty_account() -> None:
    twin = new_twin()
    twin.faults.append(tells(404, "Not found"))
    found = Rig(twin).read(Entity.TEAM)
    assert isinstance(found.fault, Denied)
    assert "base_url" in str(found.fault)


def tasks_twin(count: int, notes: Callable[[int], str | None], **switches: Any) -> NexudusTwin:
    twin, coworker, user = filled_twin(**switches)
    for number in range(count):
        twin.add_task(Name=f"K{number}", CoworkerId=coworker, ResponsibleId=user, Notes=notes(number))
    return twin


def notes_of(rig: Rig, page_size: int = 1000) -> list[str | None]:
    found = rig.read(Entity.TASK, page_size)
    assert found.receipt.complete, found.receipt.reason
    return [json.loads(row.record)["Notes"] for row in rows(found)]


def test_tasks_whose_list_shows_all_notes_cost_no_more_than_the_list() -> None:
    rig = Rig(tasks_twin(30, lambda number: f"n{number}"))
    assert notes_of(rig) == [f"n{number}" for number in range(30)]
    assert rig.wire.calls == 1


def test_one_task_that_shows_its_notes_proves_that_lists_show_them() -> None:
    rig = Rig(tasks_twin(350, lambda number: "n" if number == 5 else None))
    assert notes_of(rig).count("n") == 1
    assert rig.wire.calls == 1


def test_tasks_that_show_no_notes_at_all_cost_one_batch_a_page_until_one_does() -> None:
    rig = Rig(tasks_twin(300, lambda number: "n" if 100 <= number < 200 else None))
    assert notes_of(rig, page_size=100).count("n") == 100
    assert rig.wire.calls == 3 + 1


def test_where_lists_hold_notes_back_every_task_is_read_in_batches() -> None:
    rig = Rig(tasks_twin(350, lambda number: f"n{number}", list_blanks_notes=True))
    assert notes_of(rig) == [f"n{number}" for number in range(350)]
    assert rig.wire.calls == 1 + 1 + 3


def test_notes_found_held_back_on_a_later_page_lead_to_a_walk_that_knows() -> None:
    twin = tasks_twin(300, lambda number: "n" if number in (7, 299) or number >= 200 else None, list_blanks_notes=True)
    rig = Rig(twin)
    found = rig.read(Entity.TASK, page_size=150)
    twice = [json.loads(row.record)["Notes"] for row in rows(found)]
    assert (found.receipt.complete, twice.count("n")) == (True, 101)
