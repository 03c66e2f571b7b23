"""The working database: what was read, and the shadows that are made of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from mappings.model import Entity
from state.errors import StateError
from state.working import Working
from tests.mappings.landed import AMM, HQ, NOON, UDESK, Ground, amm, receipt_of, udesk

DEPARTMENT = Entity.DEPARTMENT
SHADOWS = "SELECT source_id, name, parent_source_id, present FROM shadow.records ORDER BY connection, source_id"


def test_what_was_read_stands_there_in_canonical_terms() -> None:
    with Ground() as ground:
        ground.pull(UDESK, departments=udesk(("1", "总部", None), ("2", "客服 🧡", "1")))
        assert ground.rows(SHADOWS) == [("1", "总部", None, True), ("2", "客服 🧡", "1", True)]
        assert ground.working.present_ids(UDESK, DEPARTMENT) == {"1", "2"}
        assert ground.working.present_ids(AMM, DEPARTMENT) == set()


def test_a_read_that_nobody_believed_counts_for_nothing_and_is_thrown_away() -> None:
    with Ground() as ground:
        ground.pull(UDESK, departments=udesk(("1", "A", None)))
        ground.land(UDESK, "departments", udesk(("9", "Half", None)))
        ground.refresh(UDESK)
        assert ground.rows(SHADOWS) == [("1", "A", None, True)]
        assert ground.landed(UDESK, "departments") == {"read-1"}


def test_a_later_read_replaces_the_earlier_one() -> None:
    with Ground() as ground:
        ground.pull(UDESK, departments=udesk(("1", "A", None), ("2", "B", "1")))
        ground.pull(UDESK, departments=udesk(("1", "A", None), ("2", "Bee", None)))
        assert ground.rows(SHADOWS) == [("1", "A", None, True), ("2", "Bee", None, True)]
        assert ground.landed(UDESK, "departments") == {"read-2"}


def test_a_record_that_vanished_keeps_its_row_and_may_come_back() -> None:
    with Ground() as ground:
        for present in (("1", "2"), ("1",), ("1", "2")):
            ground.pull(UDESK, departments=udesk(*((one, f"D{one}", None) for one in present)))
            assert ground.working.present_ids(UDESK, DEPARTMENT) == set(present)
            assert [row[:2] for row in ground.rows(SHADOWS)] == [("1", "D1"), ("2", "D2")]


def test_a_whole_read_of_nothing_is_believed_too() -> None:
    with Ground() as ground:
        ground.pull(UDESK, departments=udesk(("1", "A", None)))
        ground.pull(UDESK, departments={})
        assert ground.rows(SHADOWS) == [("1", "A", None, False)]


def test_one_connections_reads_leave_the_others_shadows_alone() -> None:
    with Ground() as ground:
        ground.pull(AMM, departments=amm(("1", "A", "text")))
        ground.pull(UDESK, departments=udesk(("1", "B", None)))
        ground.pull(UDESK, departments={})
        assert ground.rows("SELECT connection, name, description, present FROM shadow.records ORDER BY ALL") == [
            (AMM, "A", "text", True),
            (UDESK, "B", None, False),
        ]


def test_a_resource_that_was_not_read_this_time_keeps_what_was_read_before() -> None:
    with Ground() as ground:
        ground.pull(HQ, departments={"1": {"Name": "A"}}, teams={"2": {"Name": "T", "TeamMembers": [7]}})
        ground.pull(HQ, departments={"1": {"Name": "Aa"}})
        kinds = ground.rows("SELECT entity, name, present FROM shadow.records ORDER BY ALL")
        assert kinds == [("department", "Aa", True), ("person", None, True), ("team", "T", True)]
        assert ground.working.raw.read_whole(HQ) == {"departments", "teams"}


def test_a_connection_that_was_never_read_has_no_shadows_and_is_no_error() -> None:
    with Ground() as ground:
        ground.land(UDESK, "departments", udesk(("1", "A", None)))
        ground.refresh(UDESK)
        assert ground.rows(SHADOWS) == []
        assert ground.working.raw.read_whole(UDESK) == set()


def test_only_linked_records_that_changed_or_vanished_or_came_back_are_out_of_date() -> None:
    with Ground() as ground:
        ground.vote(UDESK)
        ground.pull(UDESK, departments=udesk(("1", "A", None), ("2", "B", None), ("3", "C", None), ("4", "U", None)))
        ground.link(UDESK, a="1", b="2", c="3")
        ground.settle()
        for name, third, dirty in (("B", "3", []), ("Bee", "3", ["b"]), ("Bee", "5", ["c"]), ("Bee", "3", ["c"])):
            rows = (("1", "A", None), ("2", name, None), (third, "C", None), ("4", f"U{third}", None))
            ground.pull(UDESK, departments=udesk(*rows))
            assert ground.rows("SELECT DISTINCT canonical_id FROM live.dirty") == [(one,) for one in dirty]
            ground.settle()


@pytest.mark.parametrize(
    "name",
    [
        "'; DROP TABLE shadow.records; --",
        '{"$.name": 1}',
        "a\x00b\x1b[31m\r\n\t",
        "👩‍👩‍👧‍👦\u202e",
        "%s {} $1 ?",
        "\\",
        "x" * 100_000,
    ],
)
def test_a_name_is_kept_whatever_it_holds(name: str) -> None:
    with Ground() as ground:
        ground.pull(UDESK, departments=udesk(("1", name, None)))
        ground.pull(AMM, departments=amm(("1", name, name)))
        assert ground.rows("SELECT DISTINCT name FROM shadow.records") == [(name,)]
        assert ground.rows("SELECT description FROM shadow.records WHERE connection = 'amm'") == [(name,)]


def test_what_was_read_is_there_again_when_the_file_is_opened_again(tmp_path: Path) -> None:
    with Ground(tmp_path / "work.duckdb") as ground:
        ground.pull(UDESK, departments=udesk(("1", "A", None)))
    with Ground(tmp_path / "work.duckdb") as ground:
        assert ground.rows(SHADOWS) == [("1", "A", None, True)]
        assert ground.working.raw.read_whole(UDESK) == {"departments"}


def test_a_file_that_is_no_database_is_refused_with_the_remedy_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "work.duckdb"
    path.write_bytes(b"gone\n" * 10_000)
    with pytest.raises(StateError, match=r"work\.duckdb: cannot be opened.*delete it: the next pull rebuilds it"):
        Working(path)
    assert path.read_bytes() == b"gone\n" * 10_000


def test_a_file_that_another_process_writes_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "work.duckdb"
    hold = f"import duckdb, sys; db = duckdb.connect({str(path)!r}); print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", hold]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:  # noqa: S603 - our own Python
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(StateError, match="close whoever has it open"):
            Working(path)
        other.communicate()


def test_no_bar_of_duckdbs_own_is_drawn_between_our_lines(tmp_path: Path) -> None:
    asked = "db.execute(\"SELECT current_setting('enable_progress_bar')\").fetchall()"
    look = f"import pathlib, sys, state.working as w; db = w.Working(pathlib.Path(sys.argv[1])).db; print({asked})"
    command = [sys.executable, "-c", look, str(tmp_path / "work.duckdb")]  # there DuckDB takes somebody to be watching
    told = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own Python
    assert told.stdout == "[(False,)]\n"


def test_times_without_a_zone_mean_utc_whatever_the_machines_zone_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    with Ground() as ground:
        ground.pull(HQ, departments={"1": {"Name": "A", "CreatedOn": "2026-03-01T12:00:00"}})
        assert ground.rows("SELECT created_at FROM shadow.records") == [(NOON,)]


def test_a_million_records_stand_there_as_three_do() -> None:
    """More than are inserted in one go: DuckDB 2.0 then lost them all, in silence."""
    count = 400_000
    with Ground() as ground:
        rows = [(str(one), f'{{"id":{one},"name":"D{one}","parent_id":0}}') for one in range(count)]
        read_id = ground.land_rows(UDESK, "departments", rows)
        with ground.working.transaction():
            ground.working.raw.believe(receipt_of(UDESK, "departments", read_id, distinct=count), "", landed=True)
            ground.refresh(UDESK)
        kinds = "SELECT entity, present, count(*), count(DISTINCT name) FROM shadow.records GROUP BY ALL"
        assert ground.rows(kinds) == [("department", True, count, count)]
