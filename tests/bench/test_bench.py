"""The benchmark measures what it says: every row lands, every call is counted, and a figure is judged as it should be.

Nothing here is about time.
"""

import json
from collections.abc import Iterator

import pytest

from tests.bench.figures import Figure, least_calls
from tests.bench.measure import Load, Server, served
from tests.bench.pages import Pages
from tests.bench.pull import measured, options
from tests.bench.ways import Way

LOAD = Load(tasks=2_000, page=100)
TASKS = "/api/crm/coworkertasks?size=1000&orderBy=Id&dir=1&CoworkerTask_Business=123"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(LOAD) as running:
        yield running


@pytest.fixture(scope="module")
def pages() -> Pages:
    return Pages(123, {"CoworkerTask": 25, "Team": 3}, largest=10)


def listed(pages: Pages, target: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(pages.answer(target).body)
    return found


def ids(pages: Pages, target: str) -> list[int]:
    return [record["Id"] for record in json.loads(pages.answer(target).body)["Records"]]


def test_our_own_pull_lands_every_task_and_asks_for_each_page_once(server: Server) -> None:
    calls = measured(LOAD, server, Way.OURS).calls  # raises when a row is missing
    assert calls["coworkertasks list"] == 20
    assert sum(calls.values()) <= least_calls(LOAD, calls) + 2


def test_the_floor_lands_every_task_and_asks_for_nothing_else(server: Server) -> None:
    assert measured(LOAD, server, Way.FLOOR).calls == {"coworkertasks list": 20}


def test_pages_of_tasks_hold_every_record_once_and_the_newest_first(pages: Pages) -> None:
    walked = [number for page in (1, 2, 3) for number in ids(pages, f"{TASKS}&page={page}")]
    assert len(walked) == 25
    assert walked == sorted(set(walked), reverse=True)
    assert walked[::-1] == [number for page in (1, 2, 3) for number in ids(pages, f"{TASKS}&page={page}&dir=0")]
    last = listed(pages, f"{TASKS}&page=3")
    assert (last["TotalItems"], last["TotalPages"], last["HasNextPage"], last["CurrentPageSize"]) == (25, 3, False, 10)


@pytest.mark.parametrize(("since", "kept"), [("2026-03-01T00:00", 0), ("2025-12-31T00:00Z", 25)])
def test_a_filter_on_changes_keeps_all_records_or_none(pages: Pages, since: str, kept: int) -> None:
    assert listed(pages, f"{TASKS}&from_CoworkerTask_UpdatedOn={since}")["TotalItems"] == kept


def test_lists_hold_the_arrays_of_a_team_back_and_a_batch_by_ids_fills_them(pages: Pages) -> None:
    (shown, *_), asked = json.loads(pages.answer("/api/spaces/teams?dir=1").body)["Records"], "[1370000007,1370000008]"
    (whole,) = json.loads(pages.answer(f"/api/spaces/teams/?id={asked}").body)  # the second one is nobody's
    assert (shown["Id"], shown["TeamMembers"]) == (whole["Id"], None)
    assert whole["TeamMembers"]


def test_what_the_location_has_none_of_is_an_empty_list(pages: Pages) -> None:
    found = pages.answer("/api/sys/users?page=1&size=100")
    assert (found.status, found.call) == (200, "users list")
    assert json.loads(found.body)["Records"] == []


def test_a_figure_is_reached_on_its_own_side_of_the_target() -> None:
    assert Figure("times faster", LOAD, value=15.0, bound=15.0, unit="x", at_least=True).reached
    assert not Figure("times faster", LOAD, value=14.9, bound=15.0, unit="x", at_least=True).reached
    assert Figure("peak memory", LOAD, value=499.0, bound=500.0, unit="MB").reached
    assert not Figure("peak memory", LOAD, value=501.0, bound=500.0, unit="MB").reached


def test_the_least_calls_are_the_pages_of_every_list_and_one_for_every_100_teams() -> None:
    load = Load(tasks=2_050, page=1_000, teams=101)
    calls = {"coworkertasks list": 9, "teams list": 1, "teams batch": 7, "users list": 1}
    assert least_calls(load, calls) == 3 + 1 + 1 + 2


def test_a_part_of_the_benchmark_leaves_the_page_for_people_alone() -> None:
    assert options([]).write
    assert not options(["--quick"]).write
    assert not options(["--only", "ours,floor"]).write
    assert options(["--only", "ours", "--write"]).write
