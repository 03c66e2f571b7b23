"""A write changes one row of one file and nothing else, in one step, or nothing at all."""

import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mappings.model import Entity, Value
from sources.errors import Denied, Gone, Rejected, Unknown
from sources.files import disk
from tests.sources.files.rig import EXTRA, FORMS, Folder, plain

D = Entity.DEPARTMENT
ODD = '\ufeffid;"name";parent_id;x\r\n1;"Head";;"a ""b"" c"\r\n\r\n2;Sales;1;\r\n3;"Two\nlines";1;"é"\r\n'


def change(folder: Folder, key: str, **values: Value) -> None:
    folder.client.change(D, folder.client.observe(D, key), values)


def test_a_change_leaves_every_other_letter_of_the_file_as_it_was(tmp_path: Path) -> None:
    folder = plain(tmp_path, ODD)
    change(folder, "2", name='East; "the" office')
    assert folder.file().read_bytes().decode() == ODD.replace("2;Sales;1;", '2;"East; ""the"" office";1;')
    made = folder.client.create(D, {"name": "New", "parent_id": "3"})
    assert folder.file().read_bytes().decode().endswith(f'3;"Two\nlines";1;"é"\r\n{made};New;3;\r\n')
    folder.client.delete(D, folder.client.observe(D, made))
    change(folder, "2", name="Sales")
    assert folder.file().read_bytes().decode() == ODD


def test_a_file_whose_every_cell_is_quoted_stays_so(tmp_path: Path) -> None:
    folder = plain(tmp_path, '"id","name","parent_id"\n"1","Head",""\n')
    change(folder, "1", name="Top")
    assert folder.file().read_text() == '"id","name","parent_id"\n"1","Top",""\n'


@pytest.mark.parametrize("name", ["a\rb", "a\nb", "a,b", 'a"b', " a ", ";", "a\u2028b", "x" * 5000])
def test_whatever_a_name_holds_comes_back(tmp_path: Path, name: str) -> None:
    folder = plain(tmp_path, "id,name,parent_id\n1,Head,\n")
    change(folder, "1", name=name)
    assert folder.client.observe(D, "1").values["name"] == name
    assert folder.read().receipt.complete


def test_a_line_that_had_no_end_gets_one_before_a_row_follows(tmp_path: Path) -> None:
    folder = plain(tmp_path, "id,name,parent_id\n1,Head,", final_newline="optional")
    made = folder.client.create(D, {"name": "New"})
    assert folder.file().read_text() == f"id,name,parent_id\n1,Head,\n{made},New,\n"


def test_a_department_is_moved_and_never_below_itself(tmp_path: Path) -> None:
    folder = plain(tmp_path, "id,name,parent_id\n1,Head,0\n2,A,1\n3,B,2\n", departments_root="0")
    with pytest.raises(Rejected) as refusal:
        change(folder, "2", parent_id="3")
    assert refusal.value.rule == "own_parent"
    change(folder, "3", parent_id="1")
    change(folder, "2", parent_id=None)
    assert folder.file().read_text() == "id,name,parent_id\n1,Head,0\n2,A,0\n3,B,1\n"


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"name": ""}, "missing_required_field"),
        ({"name": " "}, "missing_required_field"),
        ({"name": "a\0b"}, "unwritable"),
        ({"name": "\ud800"}, "not_in_encoding"),
        ({"name": "A", "parent_id": "9"}, "parent_gone"),
        ({"name": "A", "description": "x"}, "field_not_carried"),
    ],
)
def test_what_a_file_cannot_hold_is_refused_and_leaves_it_alone(
    tmp_path: Path, values: dict[str, Value], rule: str
) -> None:
    text = "id,name,parent_id\n1,Head,\n"
    folder = plain(tmp_path, text)
    with pytest.raises(Rejected) as refusal:
        folder.client.create(D, values)
    assert (refusal.value.rule, folder.file().read_text()) == (rule, text)


def test_a_letter_that_the_encoding_lacks_is_refused(tmp_path: Path) -> None:
    folder = plain(tmp_path, "id,name,parent_id\n1,Zürich,\n".encode("cp1252"), encoding="windows-1252")
    with pytest.raises(Rejected, match="客"):
        change(folder, "1", name="客服部")
    assert folder.client.observe(D, "1").values["name"] == "Zürich"


def test_a_row_that_somebody_changed_since_is_left_alone(tmp_path: Path) -> None:
    folder = plain(tmp_path, "id,name,parent_id,x\n1,Head,,a\n")
    seen = folder.client.observe(D, "1")
    folder.file().write_text("id,name,parent_id,x\n1,Theirs,,b\n")
    with pytest.raises(Rejected) as refusal:
        folder.client.change(D, seen, {"name": "New"})
    assert refusal.value.rule == "changed_meanwhile"
    with pytest.raises(Rejected) as refusal:
        folder.client.delete(D, seen)
    assert refusal.value.rule == "changed_meanwhile"
    folder.file().write_text("id,name,parent_id,x\n2,Other,,b\n")
    with pytest.raises(Gone):
        folder.client.change(D, seen, {"name": "New"})
    assert folder.file().read_text() == "id,name,parent_id,x\n2,Other,,b\n"


def test_a_new_export_that_arrives_while_a_row_is_written_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = plain(tmp_path, "id,name,parent_id\n1,Head,\n")
    real = disk._write
    arrived: list[bool] = []

    def late(beside: Path, fresh: bytes, like: os.stat_result) -> None:
        real(beside, fresh, like)
        if not arrived:
            arrived.append(True)
            folder.file().write_text("id,name,parent_id\n1,Head,\n2,Fresh,1\n")

    monkeypatch.setattr(disk, "_write", late)
    made = folder.client.create(D, {"name": "Ours"})
    assert folder.file().read_text() == f"id,name,parent_id\n1,Head,\n2,Fresh,1\n{made},Ours,\n"
    assert folder.client.wire.retries == 1


@pytest.mark.parametrize("broken", ["_write", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    text = "id,name,parent_id\n1,Head,\n"
    folder = plain(tmp_path, text)
    before = sorted(folder.path.iterdir())

    def full(*_args: Any, **_options: Any) -> Any:
        raise OSError(28, "No space left on device")

    if broken == "replace":
        monkeypatch.setattr(Path, "replace", full)
    else:
        monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Denied, match="the disk is full"):
        folder.client.create(D, {"name": "New"})
    monkeypatch.undo()
    assert (folder.file().read_text(), sorted(folder.path.iterdir())) == (text, before)


def test_a_file_that_may_not_last_is_an_unknown_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = plain(tmp_path, "id,name,parent_id\n1,Head,\n")

    def failed(_folder: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(disk, "_sync", failed)
    with pytest.raises(Unknown):
        folder.client.create(D, {"name": "New"})
    assert folder.file().read_text().count(",New,") == 1


def test_a_file_that_is_not_whole_is_not_written(tmp_path: Path) -> None:
    folder = plain(tmp_path, "id,name,parent_id\n1,Head,\n2,Sal")
    with pytest.raises(Denied, match="does not end"):
        folder.client.create(D, {"name": "New"})
    folder.file().unlink()
    with pytest.raises(Denied, match="not there"):
        folder.client.create(D, {"name": "New"})


def test_a_written_file_keeps_its_mode_and_a_link_stays_one(tmp_path: Path) -> None:
    folder = plain(tmp_path, "id,name,parent_id\n1,Head,\n")
    folder.file().chmod(0o640)
    real = folder.file().rename(folder.path / "real.csv")
    folder.file().symlink_to("real.csv")
    folder.client.create(D, {"name": "New"})
    assert folder.file().is_symlink()
    assert (real.stat().st_mode & 0o777, real.read_text().count("New")) == (0o640, 1)


def test_two_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    folder = plain(tmp_path, "id,name,parent_id\n1,Head,\n")
    clients = [folder.open() for _ in range(4)]
    made: list[str] = []

    def create(number: int) -> None:
        made.extend(clients[number].create(D, {"name": f"N{number} {one}"}) for one in range(5))

    threads = [threading.Thread(target=create, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {"1", *made} == set(folder.read().ids)
    assert len(made) == 20


def test_a_parquet_file_keeps_types_metadata_compression_and_foreign_columns(tmp_path: Path) -> None:
    folder = Folder(tmp_path, FORMS["parquet"])
    folder.write(D, [{"Dept No": "1", "Name": "Head", EXTRA: "C1"}])
    table = pq.read_table(folder.file()).replace_schema_metadata({"made by": "HR"})
    pq.write_table(table, folder.file(), compression="zstd")
    made = folder.client.create(D, {"name": "New", "parent_id": "1"})
    change(folder, "1", name="Top")
    after = pq.read_table(folder.file())
    assert after.schema.equals(table.schema, check_metadata=True)
    assert pq.ParquetFile(folder.file()).metadata.row_group(0).column(0).compression == "ZSTD"
    assert after.to_pylist() == [
        {"Dept No": 1, "Name": "Top", "Above": None, "About": None, EXTRA: "C1"},
        {"Dept No": int(made), "Name": "New", "Above": "1", "About": None, EXTRA: None},
    ]


def test_a_row_is_looked_for_anew_before_it_is_written(tmp_path: Path) -> None:
    folder = plain(tmp_path, "id,name,parent_id\n1,Head,\n")
    seen = folder.client.observe(D, "1")
    folder.file().write_text("id,name,parent_id\n0,First,\n1,Head,\n")
    folder.client.change(D, seen, {"name": "New"})
    assert folder.file().read_text() == "id,name,parent_id\n0,First,\n1,New,\n"


def test_what_a_cut_off_run_left_beside_a_file_is_in_nobody_s_way(tmp_path: Path) -> None:
    folder = plain(tmp_path, "id,name,parent_id\n1,Head,\n")
    folder.path.joinpath(".departments.csv.orgweave-new").write_text("half a fi")
    change(folder, "1", name="New")
    assert [one.name for one in folder.path.iterdir() if "orgweave" in one.name] == []
    assert folder.file().read_text() == "id,name,parent_id\n1,New,\n"


TYPED = {
    "id": pa.string(),
    "title": pa.dictionary(pa.int32(), pa.string()),
    "Notes": pa.large_string(),
    "Done": pa.bool_(),
    "Due": pa.timestamp("us", "UTC"),
    EXTRA: pa.list_(pa.int64()),
}


def test_the_cells_of_typed_columns_are_of_their_types(tmp_path: Path) -> None:
    folder = Folder(tmp_path, FORMS["parquet"])
    due = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
    row = {"id": "a", "title": "T", "Notes": None, "Done": None, "Due": None, EXTRA: [1, 2]}
    table = pa.Table.from_pylist([row], pa.schema(list(TYPED.items())))
    pq.write_table(table, folder.file(Entity.TASK))
    seen = folder.client.observe(Entity.TASK, "a")
    values: dict[str, Value] = {"title": "New", "notes": "n", "completed": True, "due_at": due}
    folder.client.change(Entity.TASK, seen, values)
    assert folder.client.observe(Entity.TASK, "a").values == values
    made = folder.client.create(Entity.TASK, {"title": "Other", "completed": False})
    after = pq.read_table(folder.file(Entity.TASK))
    assert after.schema.equals(table.schema)
    assert after.to_pylist() == [
        {"id": "a", "title": "New", "Notes": "n", "Done": True, "Due": due, EXTRA: [1, 2]},
        {"id": made, "title": "Other", "Notes": None, "Done": False, "Due": None, EXTRA: None},
    ]


def test_a_column_that_may_not_be_empty_is_told_when_a_row_would_leave_it_so(tmp_path: Path) -> None:
    folder = Folder(tmp_path, FORMS["parquet"])
    fields = [pa.field(one, pa.string(), nullable=one != EXTRA) for one in ("id", "name", "Purpose", EXTRA)]
    row = {"id": "1", "name": "A", "Purpose": "x", EXTRA: "c"}
    pq.write_table(pa.Table.from_pylist([row], pa.schema(fields)), folder.file(Entity.TEAM))
    with pytest.raises(Rejected, match="Cost centre") as refusal:
        folder.client.create(Entity.TEAM, {"name": "B"})
    assert refusal.value.rule == "missing_required_field"
    folder.client.change(Entity.TEAM, folder.client.observe(Entity.TEAM, "1"), {"name": "C"})
    assert pq.read_table(folder.file(Entity.TEAM)).to_pylist() == [{**row, "name": "C"}]
