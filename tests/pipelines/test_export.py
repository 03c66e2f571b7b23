"""``orgweave export --parquet``: every published table for other tools, as one folder that is whole at any time."""

import json
from pathlib import Path

import duckdb
import pyarrow.parquet as parquet
import pytest

from mappings.tables import TABLES
from state import exporting
from state.lock import lock
from tests.pipelines.published_org import HOSTILE, NOW, make
from tests.pipelines.rig import Office, Ran, run

CONFIG = '[connections.udesk_cn]\nvendor = "udesk"\nbase_url = "https://example.test"\n'


def _export(folder: Path, place: Path) -> Ran:
    (folder / "orgweave.toml").write_text(CONFIG, encoding="utf-8")
    return run("export", "--parquet", str(place), "--json", config=folder / "orgweave.toml")


def test_every_published_table_comes_out_with_the_same_rows_under_its_own_name(tmp_path: Path) -> None:
    published = make(tmp_path / "org.duckdb", 60, names=HOSTILE)
    place = tmp_path / "for others"
    done = _export(tmp_path, place)
    assert (done.code, done.json()["tables"].keys()) == (0, TABLES.keys())
    assert {file.name for file in place.iterdir()} == {"orgweave.json", *(f"{name}.parquet" for name in TABLES)}
    with duckdb.connect(str(published), read_only=True) as db:
        for name, count in done.json()["tables"].items():
            columns = ", ".join(f'"{key}"::VARCHAR' for key in TABLES[name].columns)
            own = db.execute(f"SELECT {columns} FROM {name} ORDER BY ALL").fetchall()  # noqa: S608 - our own
            file = str(place / f"{name}.parquet")
            assert db.execute(f"SELECT {columns} FROM read_parquet(?) ORDER BY ALL", [file]).fetchall() == own  # noqa: S608
            assert len(own) == count


def test_another_reader_finds_hostile_names_letter_by_letter_and_the_comments(tmp_path: Path) -> None:
    make(tmp_path / "org.duckdb", 20, names=HOSTILE)
    assert _export(tmp_path, tmp_path / "out").code == 0
    read = parquet.read_table(tmp_path / "out" / "org.departments.parquet")
    assert set(HOSTILE) <= set(read.column("name").to_pylist())
    assert read.schema.metadata[b"comment"].decode() == TABLES["org.departments"].comment
    assert json.loads(parquet.read_table(tmp_path / "out" / "ops.runs.parquet").column("summary")[0].as_py())["calls"]


@pytest.mark.parametrize("exchanges", [True, False])
def test_an_older_export_is_replaced_whole_and_nothing_else_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, exchanges: bool
) -> None:
    if not exchanges:
        monkeypatch.setattr(exporting, "_exchange", lambda *_: False)
    make(tmp_path / "org.duckdb", 20)
    place = tmp_path / "out"
    assert _export(tmp_path, place).code == 0
    (place / "org.former_table.parquet").write_text("of an older version", encoding="utf-8")
    (tmp_path / "org.duckdb").unlink()
    make(tmp_path / "org.duckdb", 30)
    assert _export(tmp_path, place).code == 0
    assert parquet.read_metadata(place / "org.departments.parquet").num_rows == 30
    assert not (place / "org.former_table.parquet").exists()
    assert {one.name for one in tmp_path.iterdir()} == {"org.duckdb", "orgweave.toml", "out"}


def test_an_export_that_fails_leaves_the_older_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path / "org.duckdb", 20)
    place = tmp_path / "out"
    assert _export(tmp_path, place).code == 0
    before = {file.name: file.read_bytes() for file in place.iterdir()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting, "_swap", full)
    failed = _export(tmp_path, place)
    assert (failed.code, "No space left on device" in failed.err, "What to do" in failed.err) == (2, True, True)
    assert {file.name: file.read_bytes() for file in place.iterdir()} == before
    assert {one.name for one in tmp_path.iterdir()} == {"org.duckdb", "orgweave.toml", "out"}


def test_a_folder_or_file_that_no_export_made_is_left_alone(tmp_path: Path) -> None:
    make(tmp_path / "org.duckdb", 20)
    for place in (tmp_path / "mine", tmp_path / "mine" / "file"):
        (tmp_path / "mine").mkdir(exist_ok=True)
        (tmp_path / "mine" / "file").write_text("mine", encoding="utf-8")
        refused = _export(tmp_path, place)
        assert (refused.code, "What to do" in refused.err) == (2, True)
    assert (tmp_path / "mine" / "file").read_text(encoding="utf-8") == "mine"
    assert [one.name for one in (tmp_path / "mine").iterdir()] == ["file"]


def test_it_works_while_a_run_holds_the_workspace_and_never_writes_into_it(office: Office) -> None:
    office.tree(("Ops",))
    office.sync()
    with lock(office.workspace / "lock", "sync", NOW):
        done = office.run("export", "--parquet", str(office.folder / "out"))
        assert (done.code, "tables" in done.out) == (0, True)
        assert office.run("export", "--parquet", str(office.workspace / "out")).code == 2


def test_before_anything_was_published_it_says_what_to_do(tmp_path: Path) -> None:
    refused = _export(tmp_path, tmp_path / "out")
    assert (refused.code, "What to do: orgweave pull" in refused.json()["error"]) == (2, True)
