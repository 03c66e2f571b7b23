"""Vendors of other distributions, and the folder of files, from the command line."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from pipelines import config as configuration
from pipelines.errors import UsageError
from tests.distribution import VENDOR, install, installed
from tests.pipelines.rig import run

POINT = {"acme": "acme_vendor.settings:VENDOR"}
ACME = '[connections.acme]\nvendor = "acme"\nbase_url = "https://127.0.0.1:1"\nclient_id = "c"\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CONNECTIONS__ACME__TOKEN", "tok-000")
    return folder


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ("import no_such_module\n", "No module named 'no_such_module'"),
        (VENDOR.replace("title=", "card=lambda options: options['x'], title="), "KeyError: 'x'"),
        (VENDOR.replace("title=", "connect=lambda *given: 1 / 0, title="), "ZeroDivisionError: division by zero"),
    ],
)
def test_a_broken_vendor_ends_a_command_with_its_distribution_and_no_traceback(
    here: Path, tmp_path: Path, settings: str, why: str
) -> None:
    install(tmp_path / "site", "orgweave-acme", POINT, {"acme_vendor/settings.py": settings})
    (here / "orgweave.toml").write_text(ACME)
    with installed(tmp_path / "site"):
        ended = run("check")
    assert ended.code == 2
    assert "the vendor 'acme', which orgweave-acme 1.2 brings, cannot be used" in ended.err
    assert why in ended.err
    assert "pip uninstall orgweave-acme" in ended.err
    assert "Traceback" not in ended.text


def test_a_vendor_whose_code_fails_later_is_named_beside_the_fault(here: Path, tmp_path: Path) -> None:
    client = (
        "class Client:\n    def __init__(self, wire): self.wire = wire\n    def walk(self, one, delta): return 1 / 0\n"
    )
    settings = client + VENDOR.replace("title=", "connect=lambda given, wire, _: Client(wire), title=")
    install(tmp_path / "site", "orgweave-acme", POINT, {"acme_vendor/settings.py": settings})
    (here / "orgweave.toml").write_text(ACME)
    with installed(tmp_path / "site"):
        ended = run("pull")
    assert ended.code == 1
    assert "a fault of the vendor 'acme', which orgweave-acme 1.2 brings: ZeroDivisionError" in ended.err


def test_a_mapping_that_is_no_sql_is_told_with_its_vendor(here: Path, tmp_path: Path) -> None:
    files = {"acme_vendor/settings.py": FOLDER, "acme_vendor/mapping.sql": "SELECT nonsense FROM raw"}
    install(tmp_path / "site", "orgweave-acme", POINT, files)
    (here / "orgweave.toml").write_text('[connections.hr]\nvendor = "acme"\nfolder = "."\ndepartments = "d.csv"\n')
    (here / "d.csv").write_text("id,name\n1,Head\n")
    with installed(tmp_path / "site"):
        ended = run("pull")
        kept = run("runs", "--json").json()["runs"]
    assert (ended.code, "orgweave-acme 1.2" in ended.err, "nonsense" in ended.err) == (2, True, True)
    assert [one["exit_code"] for one in kept] == [2]


FOLDER = VENDOR.replace("scalepad", "files")
HR = """[connections.hr]
vendor = "files"
folder = "hr"
departments = "export.csv"
departments_id = "Dept No"
departments_name = "Dept Name"
departments_parent_id = "Above"
"""
OUT = """[connections.out]
vendor = "files"
folder = "out"
departments = "departments.parquet"
departments_parent_id = "parent_id"
[departments]
authority = ["hr"]
write_to = ["out"]
"""


def test_an_organisation_goes_from_one_folder_to_another_and_a_cut_export_takes_nothing_away(here: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    (here / "orgweave.toml").write_text(HR + OUT)
    export, out = here / "hr" / "export.csv", here / "out" / "departments.parquet"
    export.parent.mkdir()
    out.parent.mkdir()
    rows: list[list[Any]] = [["Dept No", "Dept Name", "Above", "Cost"], ["1", "Head", "", "A"]]
    rows += [[str(number), f"部 {number}", "1", "B"] for number in range(2, 6)]
    with export.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    schema = pa.schema([(name, pa.string()) for name in ("id", "name", "parent_id", "colour")])
    pq.write_table(pa.Table.from_pylist([{"id": "x", "name": "head", "colour": "red"}], schema), out)
    assert run("sync", "--yes").code == 0
    written = {row["name"]: row for row in pq.read_table(out).to_pylist()}
    assert written["Head"] == {"id": "x", "name": "Head", "parent_id": None, "colour": "red"}
    assert {row["parent_id"] for name, row in written.items() if name != "Head"} == {"x"}
    assert len(written) == 5
    whole = export.read_bytes()
    for broken in (whole[: len(whole) // 2], b"", whole[: whole.index(b"\n") + 1]):
        export.write_bytes(broken)
        assert (run("sync", "--yes").code, run("check").code) == (4, 0 if broken.endswith(b"\n") else 4)
    export.unlink()
    assert (run("sync", "--yes").code, run("check").code) == (4, 4)
    assert pq.read_table(out).num_rows == 5
    grown = whole.replace("部 5;1".encode(), "部 五;2".encode()) + "6;部 6;1;B\r\n7;部 7;6;B\r\n".encode()
    export.write_bytes(grown)
    assert run("pull").code == 0
    planned = run("plan", "--rehearse", "--json")
    assert planned.json()["rehearsal"]["good"]
    assert pq.read_table(out).num_rows == 5
    assert run("apply", "--yes").code == 0
    moved = {row["name"]: row["parent_id"] for row in pq.read_table(out).to_pylist()}
    assert moved["部 五"] == written["部 2"]["id"]
    undone = run("undo", run("runs", "--json").json()["runs"][0]["run_id"], "--yes", "--json")
    assert [one["before"]["name"] for one in undone.json()["plan"]["changes"] if one["op"] == "delete"] == [
        "部 7",
        "部 6",
    ]
    assert (undone.code, pq.read_table(out).num_rows) == (0, 5)


def test_moves_of_two_accounts_that_make_a_circle_together_are_refused_and_the_rest_goes_on(here: Path) -> None:
    a, b = here / "a.csv", here / "b.csv"
    account = 'vendor = "files"\nfolder = "."\ndepartments_parent_id = "parent_id"\n'
    accounts = "".join(f'[connections.{name}]\n{account}departments = "{name}.csv"\n' for name in ("a", "b"))
    (here / "orgweave.toml").write_text(accounts + '[departments]\nauthority = ["a", "b"]\nwrite_to = ["a", "b"]\n')
    for file in (a, b):
        file.write_text("id,name,parent_id\n1,X,\n2,Y,\n3,Z,\n")
    assert run("sync", "--yes").code == 0
    a.write_text("id,name,parent_id\n1,X,2\n2,Y,\n3,Zed,\n")
    b.write_text("id,name,parent_id\n1,X,\n2,Y,1\n3,Z,\n")
    done = run("sync", "--yes", "--json")
    told = [(one["connection"], one["op"], one["status"], one["rule"]) for one in done.json()["plan"]["changes"]]
    assert sorted(told) == [
        ("a", "move", "refused", "parent_missing"),
        ("b", "move", "refused", "parent_missing"),
        ("b", "rename", "ready", "name_differs"),
    ]
    assert (done.code, "3,Zed," in b.read_text(), "2,Y,1" in b.read_text()) == (3, True, True)


def test_a_vendor_without_an_address_is_named_without_one(here: Path) -> None:
    done = run("init", "--account", "hr=files,folder=hr,departments=export.csv,departments_id=Dept No")
    assert (done.code, done.out.splitlines()[-1]) == (0, "Next: orgweave check")
    written = (here / "orgweave.toml").read_text("utf-8")
    assert '[connections.hr]\nvendor   = "files"\nfolder = "hr"\n' in written
    (here / "orgweave.toml").unlink()
    refused = run("init", "--account", "hr=files:https://hr.example,folder=hr,departments=export.csv")
    assert (refused.code, "where the vendor has no address" in refused.err) == (2, True)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ('vendor = "file"', "'file' is not one of udesk, scalepad, nexudus, files"),
        ('vendor = "files"', "connections.hr.folder is missing: Folder of files needs it"),
        ('vendor = "files"\nfolder = "."\ndepartments = "d.xlsx"', "ends in none of .csv, .txt, .tsv, .parquet"),
        ('vendor = "files"\nfolder = "."\ndepartments = "d.csv"\nencoding = "latin"', "encoding must be one of"),
        ('vendor = "files"\nfolder = "."\ndepartments = "d.csv"\nteams_id = "x"', "of no use without teams"),
        ('vendor = "files"\nfolder = "."\ndepartments = "d.csv"\nbase_url = "https://x"', "has no address"),
        ('vendor = "files"\nfolder = "."\ndepartments = "d.csv"\ndepartment_id = "x"', "did you mean"),
    ],
)
def test_an_account_that_is_not_right_is_told_by_its_key(here: Path, lines: str, why: str) -> None:
    with pytest.raises(UsageError, match=re.escape(why)):
        configuration.check_document(here / "orgweave.toml", f"[connections.hr]\n{lines}\n")
