"""Landed files that are cut off, damaged or lost: what they held is read anew, and nobody is taken for gone."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pipelines.hq import HOUR, RESOURCES, Location
from tests.pipelines.keeping import kept
from tests.pipelines.rig import RULES, Office


@pytest.fixture
@kept
def filled(office: Office) -> Office:
    """The location was read in full an hour ago, with enough tasks for a file of some size."""
    made = Location(office)
    for number in range(200):
        made.add_task(f"More {number}")
    made.pull()
    office.clock.sleep(HOUR)
    made.twin.edit("task", made.tasks[0], Name="Changed")
    return made.let_alone()


@pytest.fixture
def hq(filled: Office) -> Location:
    """A location that was read in full an hour ago, and changed since."""
    return Location(filled)


def file_of(office: Office, resource: str) -> Path:
    """The one landed file of a resource."""
    (file,) = (office.workspace / "raw" / "hq" / resource).glob("*.parquet")
    return file


def full(hq: Location) -> set[str]:
    """The resources that the next pull reads in full; it ends with every task there, and nothing but what counts."""
    receipts = hq.pull()
    tasks = hq.tells("tasks")
    assert (len(tasks), all(tasks.values()), "Changed" in tasks) == (203, True, True)
    return {name for name, one in receipts.items() if one["mode"] == "full"}


def test_a_file_that_was_cut_off_while_it_landed_disturbs_nobody_and_is_removed(hq: Location) -> None:
    whole = file_of(hq.office, "tasks")
    cut, empty = whole.with_name("cut.parquet"), whole.with_name("empty.parquet")
    cut.write_bytes(whole.read_bytes()[:-100])
    empty.touch()
    assert full(hq) == set()
    assert not cut.exists()
    assert not empty.exists()


def flip(file: Path) -> None:
    """Turn bytes in the middle round: the file opens, and its records cannot be read."""
    data = bytearray(file.read_bytes())
    middle = len(data) // 2
    data[middle - 50 : middle + 50] = bytes(one ^ 0xFF for one in data[middle - 50 : middle + 50])
    file.write_bytes(bytes(data))


DAMAGE: dict[str, Callable[[Path], object]] = {
    "cut": lambda file: file.write_bytes(file.read_bytes()[:-100]),
    "empty": lambda file: file.write_bytes(b""),
    "flipped bytes": flip,
    "lost": Path.unlink,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_file_that_is_damaged_is_read_anew_in_full_and_nobody_is_gone(
    hq: Location, damage: Callable[[Path], object]
) -> None:
    damage(file_of(hq.office, "tasks"))
    assert full(hq) == {"tasks"}
    assert full(hq) == set()


def test_files_that_are_lost_while_the_vendor_fails_make_nobody_gone(hq: Location) -> None:
    before = hq.model()
    file_of(hq.office, "tasks").unlink()
    hq.twin.edit("department", hq.departments[0], Name="Renamed")
    hq.switch(roles=frozenset({"HelpDeskDepartment-List", "HelpDeskDepartment-Read"}))
    hq.pull(code=5)
    assert hq.model()[1:] == before[1:]
    assert "Renamed" in hq.tells("departments")


def test_a_folder_of_landed_files_that_is_gone_is_made_anew(hq: Location) -> None:
    shutil.rmtree(hq.office.workspace / "raw")
    assert full(hq) == set(RESOURCES)


def test_a_workspace_whose_path_looks_like_a_pattern_is_a_path(slow_office: Office) -> None:
    slow_office.configure(RULES + '[workspace]\ndir = "of [a] *, it\'s"\n')
    hq = Location(slow_office)
    hq.pull()
    slow_office.clock.sleep(HOUR)
    hq.twin.edit("task", hq.tasks[0], Name="Changed")
    assert {one["mode"] for one in hq.pull().values()} == {"incremental"}
    assert hq.tells("tasks") == {"Changed": True, "K1": True, "K2": True}
