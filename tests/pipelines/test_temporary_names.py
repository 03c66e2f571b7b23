"""Names that are swapped, end to end: also where a run ends in between, or the target is an authority itself."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sources.twin import FaultyTwin, TwinReply, TwinRequest
from tests.pipelines.leaving_out import leave_out
from tests.pipelines.processes import started
from tests.pipelines.rig import Execute, Office, always
from tests.pipelines.swapping import MARK, TO_AMM, TO_SECOND, amm, swap, swapped, unseen

pytestmark = pytest.mark.usefixtures("unpublished")


@contextmanager
def killed_at(office: Office, twin: FaultyTwin, method: str, nth: int, *, effect: bool) -> Iterator[None]:
    """Run a sync that is killed at its nth write to a vendor, before or after that took effect."""
    reached, go_on = threading.Event(), threading.Event()
    left = [nth]

    def wait(request: TwinRequest, execute: Execute) -> TwinReply | None:
        if request.method != method:
            return None
        left[0] -= 1
        if left[0]:
            return None
        if effect:
            execute(request)
        reached.set()
        assert go_on.wait(30)
        return TwinReply(500, b"")

    office.clock.follow_the_machine()
    always(twin, wait)
    with started(["sync", "--yes", "--json"], config=office.config) as process:
        try:
            assert reached.wait(60), process.communicate(timeout=30)
        finally:
            process.kill()
            go_on.set()
    twin.faults.clear()
    yield


@unseen
def test_names_swapped_at_udesk_are_swapped_at_scalepad_in_three_writes(office: Office) -> None:
    ids = office.tree(("Sales",), ("Support",), ("Ops",))
    office.configure(TO_AMM)
    leave_out(office, "hq")
    office.sync()
    before = amm(office)
    swap(office, ids["Sales",], ids["Support",])
    document = office.sync()
    assert amm(office) == swapped(before, ("Sales", "Support"))
    assert [one["rule"] for one in document["plan"]["changes"]] == ["temporary_name", "name_differs", "name_differs"]
    assert document["apply"]["verified"]
    assert office.writes()["scalepad"] == ["POST"] * 3 + ["PATCH"] * 3
    assert office.sync()["plan"]["changes"] == []


@unseen
def test_names_swapped_between_two_tenants_of_udesk_are_swapped_in_three_writes(office: Office) -> None:
    second = office.add_udesk(TO_SECOND)
    ids = office.tree(("Sales",), ("Support",))
    office.sync()
    before = {str(key): name for key, (name, _) in second.departments.items()}
    swap(office, ids["Sales",], ids["Support",])
    office.sync()
    after = {str(key): name for key, (name, _) in second.departments.items()}
    assert after == swapped(before, ("Sales", "Support"))
    assert office.writes()["second"] == ["POST"] * 2 + ["PUT"] * 3
    assert office.sync()["plan"]["changes"] == []


@unseen
@pytest.mark.parametrize("nth", [1, pytest.param(2, marks=pytest.mark.long)])
def test_a_swap_that_is_killed_after_a_write_took_effect_is_finished_by_the_next_sync(
    slow_office: Office, nth: int
) -> None:
    office = slow_office
    ids = office.tree(("Sales",), ("Support",))
    office.configure(TO_AMM)
    office.sync()
    before = amm(office)
    swap(office, ids["Sales",], ids["Support",])
    with killed_at(office, office.vendors.scalepad, "PATCH", nth, effect=True):
        assert sum(MARK in name for name in amm(office).values()) == 1
        document = office.sync()
    assert {one["rule"] for one in document["plan"]["changes"]} == {"name_differs"}
    assert amm(office) == swapped(before, ("Sales", "Support"))
    assert office.writes()["scalepad"] == ["POST"] * 2 + ["PATCH"] * 3
    assert office.sync()["plan"]["changes"] == []


@pytest.mark.long
@unseen
def test_a_swap_that_is_killed_before_its_second_write_took_effect_waits_and_is_then_finished(
    slow_office: Office,
) -> None:
    office = slow_office
    second = office.add_udesk(TO_SECOND)
    ids = office.tree(("Sales",), ("Support",))
    office.sync()
    before = {str(key): name for key, (name, _) in second.departments.items()}
    swap(office, ids["Sales",], ids["Support",])
    with killed_at(office, second, "PUT", 2, effect=False):
        ran = office.run("sync", "--yes", "--json")
    assert {one["rule"] for one in ran.json()["plan"]["changes"]} == {"outcome_unknown", "name_taken"}
    office.clock.sleep(200)
    assert office.run("pull").code == 0
    office.sync()
    after = {str(key): name for key, (name, _) in second.departments.items()}
    assert after == swapped(before, ("Sales", "Support"))
    assert office.sync()["plan"]["changes"] == []


@unseen
def test_a_new_record_takes_a_name_that_a_rename_and_one_that_a_removal_frees(office: Office) -> None:
    ids = office.tree(("Sales",), ("Support",), ("Ops",))
    office.configure(TO_AMM.replace("write_to", 'on_missing = "delete"\nwrite_to'))
    leave_out(office, "hq")
    office.sync()
    before = {name: key for key, name in amm(office).items()}
    office.vendors.udesk.rename(ids["Sales",], "Trade")
    office.tree(("Sales",))
    assert office.run("pull").code == 0  # the removal of the other comes with a namesake in its place
    del office.vendors.udesk._departments[ids["Support",]]
    office.tree(("Help",))
    office.vendors.udesk.rename(ids["Ops",], "Support")
    document = office.sync()
    assert document["apply"]["verified"]
    after = {name: key for key, name in amm(office).items()}
    assert sorted(after) == ["Help", "Sales", "Support", "Trade"]
    assert (after["Trade"], after["Support"]) == (before["Sales"], before["Ops"])
    assert before["Support"] not in after.values()
    assert office.sync()["plan"]["changes"] == []


@unseen
@pytest.mark.parametrize("concurrency", [pytest.param(1, marks=pytest.mark.long), 8])
def test_forty_names_that_change_places_in_any_way_do_so_side_by_side_too(office: Office, concurrency: int) -> None:
    names = [f"Unit {number:02}" for number in range(40)]
    ids = office.tree(*((name,) for name in names))
    more = f"[connections.amm.pace]\nconcurrency = {concurrency}\n"
    office.configure(TO_AMM + "renames = 1000\n" + more)
    leave_out(office, "hq")
    office.sync()
    before = amm(office)
    other = dict(zip(names, random.Random(7).sample(names, 40), strict=True))  # noqa: S311 - no secret
    for key in ids.values():
        office.vendors.udesk.rename(key, f"in between {key}")
    for path, key in ids.items():
        office.vendors.udesk.rename(key, other[path[0]])
    document = office.sync()
    assert amm(office) == {key: other[name] for key, name in before.items()}
    assert document["apply"]["verified"]
    parks = [one for one in document["plan"]["changes"] if one["rule"] == "temporary_name"]
    moved = sum(old != new for old, new in other.items())
    assert office.writes()["scalepad"] == ["POST"] * 40 + ["PATCH"] * (moved + len(parks))
