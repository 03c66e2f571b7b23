"""The published file as others use it: the views for BI tools, and readers that come and go while runs publish."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb

from mappings.views import VIEWS
from state.publish import publish
from state.published import ask
from state.safety import SafetyRecord
from tests.mappings.landed import UDESK, Ground, udesk
from tests.state.samples import HOSTILE, LATER, NOON, RECEIPT

RUNS = 50
READER = """
import duckdb, json, sys
seen = []
while not seen or seen[-1][0] < int(sys.argv[2]):
    with duckdb.connect(sys.argv[1], read_only=True) as db:
        [one] = db.execute(
            "SELECT (SELECT count(*) FROM ops.runs), (SELECT count(*) FROM ops.reads), "
            "(SELECT count(*) FROM org.departments), (SELECT count(*) FROM bi.departments)"
        ).fetchall()
    if not seen:
        print("open", flush=True)
    if one not in seen[-1:]:
        seen.append(one)
print(json.dumps(seen))
"""
"""Opens the file again and again, and tells what it saw that was new, until it has seen so many runs."""


def test_every_view_answers_whatever_the_file_is_called_and_whoever_attaches_it(
    ground: Ground, record: SafetyRecord, tmp_path: Path
) -> None:
    for name in ("org.duckdb", "other.duckdb", "ops.duckdb", "bi.duckdb"):
        publish(ground.working, record, tmp_path / name)
        publish(ground.working, record, tmp_path / name)  # again: from a copy of the first
        look_at_every_view(tmp_path / name)


def look_at_every_view(path: Path) -> None:
    for view, told in VIEWS.items():
        described = ask(path, f"DESCRIBE {view}")[1]
        kinds = {row[0]: row[1].replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ") for row in described}
        assert kinds == {column: kind for column, (kind, _) in told.columns.items()}
        assert ask(path, f"FROM {view}")[1] != []
    with duckdb.connect() as db:
        db.execute(f"ATTACH '{path}' AS company (READ_ONLY)")
        schema = "main" if path.name == "bi.duckdb" else "bi"
        asked = f"SELECT name, systems, level_1 FROM company.{schema}.departments ORDER BY depth"  # noqa: S608 - our own
        told_of = db.execute(asked).fetchall()
    assert told_of[0] == ("EU", "amm, udesk_cn", "EU")
    assert told_of[1][1:] == ("udesk_cn", "EU")


def test_a_reader_in_a_loop_sees_no_error_and_only_whole_runs_while_fifty_are_published(
    ground: Ground, record: SafetyRecord, tmp_path: Path
) -> None:
    path = tmp_path / "org.duckdb"
    publish(ground.working, record, path)
    command = [sys.executable, "-c", READER, str(path), str(RUNS + 1)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:  # noqa: S603 - our own Python
        assert reader.stdout is not None
        assert reader.stdout.readline() == "open\n"
        for number in range(RUNS):
            if number == RUNS // 2:  # half of them publish a model that changed
                ground.pull(UDESK, departments=udesk(("1", "EU", None), ("2", HOSTILE, "1"), ("3", "New", None)))
                ground.link(UDESK, new="3")
                ground.settle("r1", NOON)
            record.begin_run(f"again-{number}", "pull", LATER)
            record.add_receipts([replace(RECEIPT, read_id=f"again-{number}", run_id=f"again-{number}")])
            record.end_run(f"again-{number}", 0, LATER, {})
            publish(ground.working, record, path)
        told = reader.communicate(timeout=60)[0]
    seen = json.loads(told)
    assert (reader.returncode, len(seen) > 5) == (0, True)
    assert all(runs == reads for runs, reads, *_ in seen)
    assert [runs for runs, *_ in seen] == sorted({runs for runs, *_ in seen})
    assert {(rows, shown) for *_, rows, shown in seen} == {(2, 2), (3, 3)}
