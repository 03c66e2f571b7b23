"""What is no whole file is an incomplete read that says where and why, never a short list."""

import io
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mappings.model import Entity
from sources.errors import Denied
from sources.files.settings import VENDOR
from tests.contract_ground import records
from tests.sources.files.rig import FORMS, Folder, plain

D = Entity.DEPARTMENT
WHOLE = "id,name,parent_id\n1,Head,\n2,Sales,1\n3,Support,1\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        ("\ufeff", "it is empty"),
        ("\n\n", "it is empty"),
        (WHOLE[:-1], "its last line does not end"),
        (WHOLE[:-4], "its last line does not end"),
        ("id,name,parent_id\n1,Head,\n2,Sales\n", "line 3 has 2 cells, the headers are 3"),
        ("id,name,parent_id\n1,Head,\n2,Sales, East,1\n", "line 3 has 4 cells"),
        ('id,name,parent_id\n1,Head,\n2,"Sales,1\n', "the row that begins on line 3 is no CSV"),
        ('id,name,parent_id\n1,"He"ad,\n', "the row that begins on line 2 is no CSV"),
        ("id,name,parent_id\n1,Head,\n1,Sales,\n", "line 3: the id '1' stands on line 2 already"),
        ('id,name,parent_id\n1,"Two\nlines",\n1,Sales,\n', "line 4: the id '1' stands on line 2 already"),
        ("id,name,parent_id\n,Head,\n", "line 2: there is no id"),
        ("id,name,parent_id\n1, ,\n", "line 2: there is no name"),
        ("id,name,parent_id\n1,Head,9\n", "line 2: its parent '9' is not in the file"),
        ("id,name,parent_id\n1,Head,1\n", "line 2: '1' stands below itself"),
        ("id,name,parent_id\n1,A,2\n2,B,3\n3,C,1\n", "stands below itself"),
        ("id,title,parent_id\n1,Head,\n", "no delimiter finds id, name, parent_id there"),
        ("id,name,parent_id,Name\n1,Head,,x\n", "two columns are called 'name'"),
        ("id,name,parent_id\n1,He\0ad,\n", "line 2 has a NUL"),
        ("id,name,parent_id\n1,客服部,\n".encode("gb18030"), "line 2 is no utf-8"),
        (WHOLE.encode("utf-16"), "line 1 is no utf-8"),
        ("id,name,parent_id\n1,客服部,\n".encode()[:-4], "line 2 is no utf-8"),
    ],
)
def test_half_a_file_is_no_list(tmp_path: Path, text: str | bytes, why: str) -> None:
    folder = plain(tmp_path, text)
    reason = folder.reason()
    assert why in reason
    assert str(folder.file()) in reason


def test_a_file_cut_anywhere_but_at_a_line_s_end_is_no_list(tmp_path: Path) -> None:
    folder = plain(tmp_path, WHOLE)
    for cut in range(1, len(WHOLE)):
        if not WHOLE[:cut].endswith("\n"):
            folder.file().write_text(WHOLE[:cut])
            folder.reason()


def test_a_missing_file_or_folder_is_no_list(tmp_path: Path) -> None:
    folder = plain(tmp_path, WHOLE)
    folder.file().unlink()
    assert "is not there" in folder.reason()
    folder.path.joinpath("teams.csv").unlink()
    folder.options["folder"] = "elsewhere"
    folder.client = folder.open()
    assert "is not there" in folder.reason()


@pytest.mark.parametrize("append", [True, False], ids=["written into", "exchanged"])
def test_a_file_that_changes_while_it_is_read_is_no_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, append: bool
) -> None:
    folder = plain(tmp_path, WHOLE)
    real = os.fstat

    def disturbed(handle: int) -> os.stat_result:
        found = real(handle)
        if append:
            with folder.file().open("a") as file:
                file.write("4,Fresh,\n")
        else:
            folder.path.joinpath("fresh").write_text(WHOLE)
            folder.path.joinpath("fresh").replace(folder.file())
        return found

    monkeypatch.setattr(os, "fstat", disturbed)
    reason = folder.reason()
    monkeypatch.undo()
    assert "changed while it was read" in reason


def test_a_file_that_may_not_be_read_is_told_as_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = plain(tmp_path, WHOLE)

    def barred(*_args: Any, **_options: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", barred)
    found = folder.read()
    monkeypatch.undo()
    assert isinstance(found.fault, Denied)
    assert "Permission denied" in str(found.fault)
    folder.file().unlink()
    folder.file().mkdir()
    assert isinstance(folder.read().fault, Denied)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_finds_the_columns(tmp_path: Path, delimiter: str) -> None:
    told = 'id,name,parent_id,"a,b;c|d\te"\n1,Head,,x\n'.replace(",", delimiter)
    found = plain(tmp_path, told).read()
    assert found.receipt.complete
    assert records(found)["1"]["name"] == "Head"


def test_headers_are_found_whatever_their_case_and_blanks(tmp_path: Path) -> None:
    found = plain(tmp_path, "\ufeff ID , NAME ,Parent_Id\r\n 7 ,  Head ,\r\n").read()
    assert records(found) == {"7": {"id": "7", "name": "  Head ", "parent_id": None}}


def test_of_columns_that_nobody_named_a_record_tells_no_more_than_that_they_hold_something(tmp_path: Path) -> None:
    folder = plain(tmp_path, "Nr,Called,name,,Up,Pay\n1,Head,x,y,0,\n", departments_id="Nr", departments_name="Called")
    folder.options |= {"departments_parent_id": "Up", "departments_root": "0"}
    folder.client = folder.open()
    told = {
        "id": "1",
        "name": "Head",
        "parent_id": None,
        "name (column 3)": "(in the file)",
        "column 4": "(in the file)",
    }
    assert records(folder.read()) == {"1": {**told, "Pay": None}}


def test_a_last_line_without_an_end_is_read_where_the_options_allow_it(tmp_path: Path) -> None:
    assert plain(tmp_path, WHOLE[:-1], final_newline="optional").read().receipt.distinct == 3


def test_a_field_without_a_column_has_no_vote(tmp_path: Path) -> None:
    folder = plain(tmp_path, WHOLE)
    assert VENDOR.card(folder.options).entities[D].carries == {"name", "parent_id"}


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def test_a_parquet_file_that_is_cut_is_no_list(tmp_path: Path) -> None:
    folder = Folder(tmp_path, FORMS["parquet"])
    folder.write(D, [{"Dept No": str(number), "Name": f"D{number}"} for number in range(50)])
    whole = folder.file().read_bytes()
    assert folder.read().receipt.declared_total == 50
    for cut in (0, 4, len(whole) // 2, len(whole) - 1):
        folder.file().write_bytes(whole[:cut])
        assert "no whole Parquet file" in folder.reason()


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"Dept No": [1, 1], "Name": ["A", "B"]}, "row 2: the id '1' stands on row 1 already"),
        ({"Dept No": [1, None], "Name": ["A", "B"]}, "row 2: there is no id"),
        ({"Dept No": [1.5, 2], "Name": ["A", "B"]}, "row 1: the id is a float"),
        ({"Dept No": [1, 2], "Name": [3, 4]}, "row 1: the name is a int, and no text"),
    ],
)
def test_odd_cells_of_parquet_are_told_by_their_row(tmp_path: Path, cells: dict[str, list[Any]], why: str) -> None:
    folder = Folder(tmp_path, FORMS["parquet"])
    folder.file().write_bytes(parquet(pa.table({**cells, "Above": [None, None], "About": [None, None]})))
    assert why in folder.reason()


def test_whole_numbers_that_a_spreadsheet_made_fractions_of_are_ids_and_parents(tmp_path: Path) -> None:
    folder = Folder(tmp_path, FORMS["parquet"])
    cells = {"Dept No": [1, 2], "Name": ["A", "B"], "Above": [None, 1.0], "About": ["x", None]}
    folder.file().write_bytes(parquet(pa.table(cells)))
    assert records(folder.read())["2"]["parent_id"] == "1"


@pytest.mark.parametrize(("cell", "done"), [("Yes", True), ("TRUE", True), ("0", False), ("", None)])
def test_a_task_is_done_by_any_of_the_usual_words(tmp_path: Path, cell: str, done: object) -> None:
    folder = Folder(tmp_path)
    folder.write(Entity.TASK, [{"id": "1", "title": "T", "Done": cell, "Due": "2026-07-01T09:30:00+02:00"}])
    record = records(folder.read(Entity.TASK))["1"]
    assert (record["completed"], record["due_at"]) == (done, "2026-07-01T07:30:00Z")


@pytest.mark.parametrize(("cells", "why"), [({"Done": "maybe"}, "neither done nor not"), ({"Due": "soon"}, "no date")])
def test_a_cell_that_is_not_understood_is_no_empty_one(tmp_path: Path, cells: dict[str, str], why: str) -> None:
    folder = Folder(tmp_path)
    folder.write(Entity.TASK, [{"id": "1", "title": "T", **cells}])
    found = folder.read(Entity.TASK)
    assert (found.receipt.complete, why in str(found.receipt.reason)) == (False, True)
