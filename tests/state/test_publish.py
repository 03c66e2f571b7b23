"""The file for analysts: complete, explained, and swapped in whole."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from mappings.provenance import PARTS, VIEW
from mappings.tables import TABLES
from mappings.views import VIEWS
from state import history
from state import publish as publishing
from state.errors import StateError
from state.golden import sole
from state.marks import MODEL
from state.publish import publish
from state.published import ask
from state.safety import SafetyRecord
from tests.mappings.landed import HOUR, NOON, UDESK, Ground, udesk
from tests.state.conftest import company, recorded
from tests.state.samples import HOSTILE, LATER

READER = """
import duckdb, sys
db = duckdb.connect(sys.argv[1], read_only=True)
print("open", flush=True)
sys.stdin.readline()
print(db.execute("SELECT name FROM org.departments WHERE depth = 0").fetchall())
"""
KEY_COLUMNS = {
    "org.departments": (
        "department_id, name, description, parent_id, path, depth, active, member_count, created_at, updated_at"
    ),
    "org.teams": "team_id, name, description, active, member_count, created_at, updated_at",
    "org.team_members": "team_id, person_id, role",
    "org.people": "person_id, full_name, email, kind",
    "org.tasks": "task_id, title, notes, completed, due_at, assignee_id, subject_id, created_at, updated_at",
    "org.crosswalk": "entity, canonical_id, connection, source_id, method, confidence, linked_at, unlinked_at",
    "org.department_history": (
        "department_id, name, description, parent_id, path, depth, active, member_count, valid_from, valid_to"
    ),
    "org.team_history": "team_id, name, description, active, member_count, valid_from, valid_to",
    "org.task_history": "task_id, title, notes, completed, due_at, assignee_id, subject_id, valid_from, valid_to",
    "org.provenance": "entity, canonical_id, field, value, connection, source_id, rule, run_id",
    "org.linked_records": "entity, canonical_id, connection, source_id, rank, fields, active, name, updated_at",
    "ops.runs": "run_id, command, started_at, finished_at, exit_code",
    "ops.reads": "run_id, connection, resource, pages, declared_total, rows, duplicates, complete",
    "ops.changes": 'run_id, plan_id, connection, entity, op, status, source_id, before, after, error, "at"',
    "ops.proposals": (
        "proposal_id, entity, connection, source_id, candidates, question, score, decision, decided_by, note"
    ),
    "ops.conflicts": 'conflict_id, entity, canonical_id, field, "values", decision, decided_by, note',
}


def published(ground: Ground, record: SafetyRecord, path: Path) -> Path:
    publish(ground.working, record, path)
    return path


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Path]]:
    """The small company's file by its name, published once: for tests that only look at it."""
    folder = tmp_path_factory.mktemp("shown")
    with recorded(folder) as record, company(record) as ground:

        def look(name: str) -> Path:
            path = folder / name
            return path if path.exists() else published(ground, record, path)

        yield look


@pytest.mark.parametrize("name", ["org.duckdb", "other.duckdb", "ops.duckdb", "Org.db", "it's.duckdb", "work.duckdb"])
def test_every_table_of_the_contract_answers_whatever_the_file_is_called(
    shown: Callable[[str], Path], name: str
) -> None:
    path = shown(name)
    for table, columns in KEY_COLUMNS.items():
        told, rows = ask(path, f"SELECT {columns} FROM {table}")  # noqa: S608 - the test's own names
        assert ", ".join(told) == columns.replace('"', "")
        assert rows or table == "ops.conflicts"
    assert KEY_COLUMNS.keys() == TABLES.keys()


def test_every_table_and_column_is_explained(shown: Callable[[str], Path]) -> None:
    path = shown("org.duckdb")
    _, tables = ask(
        path,
        "SELECT table_name, comment FROM duckdb_tables() UNION ALL "
        "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal",
    )
    _, macros = ask(path, "SELECT function_name, comment FROM duckdb_functions() WHERE NOT internal")
    assert [name for name, comment in sorted(macros) if comment] == ["departments_as_of", "tasks_as_of", "teams_as_of"]
    _, columns = ask(path, "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal")
    assert len(tables) == len(KEY_COLUMNS) + len(VIEWS) + len(PARTS)
    assert [row for row in (*tables, *columns) if not row[-1]] == []


def test_the_tables_tell_what_is_known(shown: Callable[[str], Path]) -> None:
    path = shown("org.duckdb")
    departments = "SELECT department_id, name, description, path, depth, active FROM org.departments ORDER BY depth"
    assert ask(path, departments)[1] == [
        ("eu", "EU", "客服 🧡", "EU", 0, True),
        ("d2", HOSTILE, None, f"EU / {HOSTILE}", 1, True),
    ]
    assert ask(path, "FROM org.team_members ORDER BY role")[1] == [
        ("team", "ann", "administrator"),
        ("team", "ann", "member"),
    ]
    told = "SELECT run_id, status, after ->> '$.name', error FROM ops.changes WHERE error IS NOT NULL"
    assert ask(path, told)[1] == [("r1", "failed", "客服", "refused")]
    assert ask(path, "SELECT candidates, decision FROM ops.proposals")[1] == [(["eu", "d2"], None)]
    assert ask(path, "SELECT exit_code, finished_at, summary ->> '$.calls.amm' FROM ops.runs")[1] == [(3, LATER, "2")]
    assert ask(path, "SELECT value, run_id FROM org.provenance WHERE canonical_id = 'eu' AND field = 'name'")[1] == [
        ("EU", "r2")
    ]


@pytest.mark.parametrize("name", ["org.duckdb", "other.duckdb"])
def test_the_provenance_is_the_same_in_every_time_zone_as_in_the_working_database(
    ground: Ground, record: SafetyRecord, tmp_path: Path, name: str
) -> None:
    ground.working.db.execute(
        "UPDATE golden.records SET due_at = '2026-03-01 08:00:00.25Z', completed = true WHERE entity = 'task'"
    )
    path = published(ground, record, tmp_path / name)
    with duckdb.connect(str(path), read_only=True) as db:
        db.execute("SET TimeZone = 'Asia/Shanghai'")
        told = db.execute(f"FROM {VIEW} ORDER BY ALL").fetchall()
    expected = f"FROM golden.fields UNION ALL FROM ({sole('golden.records')}) ORDER BY ALL"
    assert told == ground.working.db.execute(expected).fetchall()
    assert {row[:3:2] for row in told} >= {("department", "parent_id"), ("team", "name"), ("task", "due_at")}


@pytest.mark.parametrize("name", ["org.duckdb", "other.duckdb"])
def test_the_departments_of_a_moment_are_asked_by_a_macro(shown: Callable[[str], Path], name: str) -> None:
    path = shown(name)
    asked = "SELECT name FROM org.departments_as_of('2026-03-01T{}Z') WHERE department_id = 'eu'"
    told = [ask(path, asked.format(time))[1] for time in ("11:59:59", "12:00:00", "12:59:59.999", "13:00:00")]
    assert told == [[], [("Europe",)], [("Europe",)], [("EU",)]]
    assert len(ask(path, "FROM org.teams_as_of(now())")[1]) == 1
    assert len(ask(path, "FROM org.tasks_as_of(now())")[1]) == 1


@pytest.mark.parametrize("name", ["org.duckdb", "other.duckdb"])
def test_an_analyst_may_attach_the_file_under_a_name_of_their_own(shown: Callable[[str], Path], name: str) -> None:
    path = shown(name)
    with duckdb.connect() as db:
        db.execute(f"ATTACH '{path}' AS company (READ_ONLY)")
        schema = "main" if name == "org.duckdb" else "org"
        assert db.execute(f"SELECT count(*) FROM company.{schema}.departments").fetchall() == [(2,)]  # noqa: S608 - the test's own names


def test_an_older_duckdb_may_open_the_file(shown: Callable[[str], Path]) -> None:
    path = shown("org.duckdb")
    [(tags, options)] = ask(path, "SELECT tags::VARCHAR, options::VARCHAR FROM duckdb_databases() WHERE NOT internal")[
        1
    ]
    assert "v1.0.0" in f"{tags} {options}"
    assert int.from_bytes(path.read_bytes()[12:20], "little") == 64  # the storage version of DuckDB 0.9.2 to 1.1.3


def test_a_new_file_is_for_owner_and_group_and_an_old_ones_mode_is_kept(
    ground: Ground, record: SafetyRecord, tmp_path: Path
) -> None:
    path = published(ground, record, tmp_path / "made" / "org.duckdb")
    assert path.stat().st_mode & 0o777 == 0o640
    path.chmod(0o604)
    published(ground, record, path)
    assert path.stat().st_mode & 0o777 == 0o604


def test_the_stray_log_of_a_killed_reader_does_not_stand_in_the_way(
    ground: Ground, record: SafetyRecord, tmp_path: Path
) -> None:
    path = published(ground, record, tmp_path / "org.duckdb")
    (tmp_path / "org.duckdb.wal").write_bytes(b"left by a killed process")
    published(ground, record, path)
    assert ask(path, "SELECT count(*) FROM org.departments")[1] == [(2,)]
    assert (tmp_path / "org.duckdb.wal.stray").read_bytes() == b"left by a killed process"


def test_a_reader_that_has_the_old_file_open_keeps_it_and_holds_nobody_up(
    ground: Ground, record: SafetyRecord, tmp_path: Path
) -> None:
    path = published(ground, record, tmp_path / "org.duckdb")
    command = [sys.executable, "-c", READER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:  # noqa: S603 - our own Python
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"open\n"
        ground.pull(UDESK, departments=udesk(("1", "Africa", None)))
        ground.settle("r3", NOON + 2 * HOUR)
        published(ground, record, path)
        told, _ = reader.communicate(b"go\n")
    assert told == b"[('EU',)]\n"
    assert ask(path, "SELECT name FROM org.departments WHERE depth = 0 AND active")[1] == [("Africa",)]


def test_a_fault_in_the_middle_leaves_the_old_file_and_nothing_else(
    ground: Ground, record: SafetyRecord, tmp_path: Path
) -> None:
    path = published(ground, record, tmp_path / "p" / "org.duckdb")
    before = path.read_bytes()
    ground.working.marks.count(MODEL)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for where in ("_create", "_fill", "_from_safety", "make_durable", "_swap"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(publishing, where, fail)
            with pytest.raises(StateError, match=r"org\.duckdb: cannot be published: .*No space left on device"):
                publish(ground.working, record, path)
        assert [one.name for one in path.parent.iterdir()] == ["org.duckdb"], where
        assert path.read_bytes() == before
    published(ground, record, path)
    assert ground.rows("SELECT count(*) FROM golden.records") == [(5,)]


def test_what_a_killed_run_left_half_made_is_cleared_away(ground: Ground, record: SafetyRecord, tmp_path: Path) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / ".org.duckdb.1.new").write_bytes(b"half")
    (folder / ".org.duckdb.1.new.wal").write_bytes(b"half")
    (folder / ".other.duckdb.1.new").write_bytes(b"somebody else's")
    published(ground, record, folder / "org.duckdb")
    assert sorted(one.name for one in folder.iterdir()) == [".other.duckdb.1.new", "org.duckdb"]


def test_a_place_that_cannot_be_written_is_told_in_words(ground: Ground, record: SafetyRecord, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StateError, match=r"file/org\.duckdb: cannot be published"):
        publish(ground.working, record, tmp_path / "file" / "org.duckdb")


def test_an_empty_workspace_is_published_with_empty_tables(record: SafetyRecord, tmp_path: Path) -> None:
    with Ground() as ground:
        history.keep_history(ground.working, NOON)
        path = published(ground, record, tmp_path / "org.duckdb")
    assert ask(path, "SELECT count(*) FROM org.departments")[1] == [(0,)]
    assert ask(path, "SELECT command FROM ops.runs")[1] == [("apply",)]
    assert ask(path, "SELECT op FROM ops.changes")[1] == [("create",)]
