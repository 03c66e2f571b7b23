"""Opening the safety record: made whole, checked, migrated, never replaced in silence."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from state import opening
from state.safety import SafetyRecord, StateError
from tests.state.samples import INTENT, NOON, link, opened


def filled(folder: Path) -> Path:
    with opened(folder) as record:
        record.begin_run("r1", "pull", NOON)
        record.add_links([link(str(number), f"d-{number}") for number in range(2000)], "r1", NOON)
    return folder / "journal.sqlite"


def overwrite(path: Path, offset: int, text: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(text)


def flip(path: Path, offset: int, count: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        held = file.read(count)
        file.seek(offset)
        file.write(bytes(byte ^ 0xFF for byte in held))


def test_a_new_workspace_gets_a_private_record_with_its_own_lineage(tmp_path: Path) -> None:
    with opened(tmp_path / "new", "lineage-7") as record:
        assert (record.lineage, record.generation) == ("lineage-7", 0)
        record.begin_run("r1", "pull", NOON)
        modes = {file.name: oct(file.stat().st_mode & 0o777) for file in (tmp_path / "new").iterdir()}
    assert modes == {f"journal.sqlite{tail}": "0o600" for tail in ("", "-wal", "-shm")}
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_the_lineage_survives_and_a_file_that_became_readable_to_others_is_private_again(tmp_path: Path) -> None:
    path = filled(tmp_path)
    path.chmod(0o644)
    with opened(tmp_path, "another") as record:
        assert record.lineage == "lineage-1"
        assert len(record.links()) == 2000
    assert path.stat().st_mode & 0o777 == 0o600


def test_commits_wait_for_the_disk(record: SafetyRecord) -> None:
    told = [
        record._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")
    ]
    assert told == ["wal", 2, 1]


def garble(path: Path, text: bytes) -> None:
    overwrite(path, path.read_bytes().index(text), b"\xff" * 50)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_bytes(b""), id="empty"),
        pytest.param(lambda path: path.write_text("gone\n" * 100), id="text"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:50]), id="cut in the header"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:70_000]), id="cut in the middle"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:-4096]), id="last page lost"),
        pytest.param(lambda path: flip(path, 4096, 16), id="first table page flipped"),
        pytest.param(lambda path: flip(path, 100, 200), id="schema flipped"),
        pytest.param(lambda path: overwrite(path, 81_920, bytes(4096)), id="a page zeroed"),
        pytest.param(lambda path: garble(path, b"CREATE TABLE decisions"), id="bytes that are no text in the schema"),
        pytest.param(lambda path: overwrite(path, 60, (0).to_bytes(4, "big")), id="version lost"),
    ],
)
def test_a_damaged_record_is_refused_with_the_remedy_and_left_as_it_is(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    path = filled(tmp_path)
    damage(path)
    left = path.read_bytes()
    with pytest.raises(
        StateError, match=r"journal\.sqlite: damaged .*backup.*to start afresh: move it and work\.duckdb"
    ):
        opened(tmp_path)
    assert path.read_bytes() == left


def test_bytes_that_are_no_text_in_a_row_are_damage_too(tmp_path: Path) -> None:
    path = filled(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"d-1999", b"\xff" * 6))  # in the indexes too
    with opened(tmp_path) as record, pytest.raises(StateError, match=r"damaged .*backup"):
        record.links()


@pytest.mark.parametrize("text", [b"1999", b"d-1999"])
def test_a_bit_that_flipped_in_an_id_is_found_by_looking_closer(tmp_path: Path, text: bytes) -> None:
    path = filled(tmp_path)
    flip(path, path.read_bytes().index(text), 1)
    with opened(tmp_path) as record, pytest.raises(StateError, match=r"damaged .*backup"):
        record.verify()


def test_a_whole_record_passes_the_closer_look(record: SafetyRecord) -> None:
    record.begin(INTENT)
    record.verify()


def test_a_row_that_nobody_wrote_is_damage_and_no_traceback(tmp_path: Path) -> None:
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE links SET entity = 'deqartment'")
    with opened(tmp_path) as record, pytest.raises(StateError, match="a row cannot be read: 'deqartment'"):
        record.links()


def test_a_database_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE theirs (x)")
    left = path.read_bytes()
    with pytest.raises(StateError, match="another program"):
        opened(tmp_path)
    assert path.read_bytes() == left


def test_a_record_of_a_newer_orgweave_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    left = path.read_bytes()
    with pytest.raises(StateError, match=r"schema 99.*newer orgweave"):
        opened(tmp_path)
    assert path.read_bytes() == left


def test_an_older_record_is_migrated_and_a_copy_of_it_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path)
    scripts = (*opening.MIGRATIONS, "CREATE TABLE added (x TEXT) STRICT; INSERT INTO added VALUES ('new');")
    monkeypatch.setattr(opening, "MIGRATIONS", scripts)
    with opened(tmp_path) as record:
        assert record._rows("SELECT x FROM added") == [("new",)]
        assert len(record.links()) == 2000
    monkeypatch.undo()
    kept = tmp_path / f"journal.v{len(opening.MIGRATIONS)}.sqlite"
    assert kept.stat().st_mode & 0o777 == 0o600
    with SafetyRecord.open(kept, at=NOON, new_id=lambda: "unused") as old:
        assert len(old.links()) == 2000


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path)
    monkeypatch.setattr(opening, "MIGRATIONS", (*opening.MIGRATIONS, "DELETE FROM links; SELECT absent;"))
    with pytest.raises(StateError, match="no such column"):
        opened(tmp_path)
    monkeypatch.undo()
    with opened(tmp_path) as record:
        assert len(record.links()) == 2000


@pytest.mark.parametrize("left", ["work.duckdb", "journal.sqlite-wal"])
def test_a_lost_record_is_not_replaced_while_the_workspace_holds_other_state(tmp_path: Path, left: str) -> None:
    (tmp_path / left).write_bytes(b"x")
    with pytest.raises(StateError, match=rf"missing, although {left} is there.*backup"):
        opened(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [left]


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    target = filled(tmp_path)
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "journal.sqlite").symlink_to(target)
    with pytest.raises(StateError, match="not a plain file"):
        opened(tmp_path / "w")


def test_a_half_made_record_of_a_crash_does_not_stand_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite.1.new").write_bytes(b"")
    with opened(tmp_path) as record:
        assert record.lineage == "lineage-1"
