"""One step of the benchmark of speed as a process of its own: ``python -m tests.bench.org_steps STEP FOLDER …``.

``land`` and ``change`` put the company's records where a pull puts them; ``plan`` does what ``orgweave plan`` does;
``unit`` has DuckDB alone compare the same rows. The last line that it prints is JSON.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from mappings.model import Entity
from mappings.receipt import Mode, Receipt
from pipelines import config as configuration
from pipelines import planning
from pipelines.reconcile import reconcile
from pipelines.run import Run, new_id, start
from pipelines.verbs import finish
from sources.registry import mapping_of
from sources.secret import Scrubber
from sources.spool import Spool
from tests.bench.org_company import LISTS

CONFIG = """\
[connections.udesk_cn]
vendor = "udesk"
base_url = "http://127.0.0.1:1"
name_scope = "parent"

[connections.amm]
vendor = "scalepad"
base_url = "http://127.0.0.1:1"
client_id = "aa7cf840-9ca9-46a3-9778-9015d6580d50"

[connections.hq]
vendor = "nexudus"
base_url = "http://127.0.0.1:1"
business_id = 123

[departments]
authority = ["udesk_cn"]
write_to = ["amm", "hq"]

[tasks]
authority = ["hq"]

[limits]
creates = 1000000
renames = 1000000
deletes = 1000000
"""
PAGE = 10_000
ROUNDS = 5
_ROWS = "SELECT * EXCLUDE (fingerprint, present) FROM work.shadow.records"
_DIFF = """
SELECT count(*)
FROM (SELECT connection, entity, source_id, hash(old) AS digest FROM old) AS one
FULL JOIN (SELECT connection, entity, source_id, hash(new) AS digest FROM new) AS other
    USING (connection, entity, source_id)
WHERE one.digest IS DISTINCT FROM other.digest
"""


@contextmanager
def running(folder: Path, command: str) -> Iterator[Run]:
    """A run in the workspace of this folder."""
    path = folder / "orgweave.toml"
    path.write_text(CONFIG, encoding="utf-8")
    with start(configuration.load(path), command, Scrubber(), lambda _: None) as run:
        yield run


def land(folder: Path, told: argparse.Namespace) -> Mapping[str, Any]:
    """Land every list of every connection as a whole read, and bring the shadows in line."""
    counts = {"departments": told.departments, "tasks": told.tasks}
    with running(folder, "pull") as run:
        run.working.make_room(told.tasks + 3 * told.departments, 3 * told.departments)
        for name, lists in LISTS.items():
            for resource, rows in lists.items():
                count = counts.get(resource, 0) if rows else 0
                read_id = _landed(run, name, resource, rows(count, changed=told.step == "change") if rows else iter(()))
                receipt = _receipt(run, name, resource, read_id, count)
                run.working.raw.believe(receipt, "", landed=True)
                run.safety.add_receipts([receipt])
            vendor = run.config.connections[name].vendor
            run.working.stage(name, mapping_of(vendor.name), [resource.name for resource in vendor.resources])
            run.working.refresh_shadows(name, set(Entity))
            run.working.raw.discard(name)
        (rows_there,) = run.working.db.execute("SELECT count(*) FROM shadow.records").fetchall()[0]
    return {"rows": rows_there}


def _landed(run: Run, name: str, resource: str, rows: Iterator[Any]) -> str:
    read_id = new_id()
    spool = Spool(run.working.raw.folder / name / resource / f"{read_id}.parquet", read_id)
    spool.begin()
    while page := list(islice(rows, PAGE)):
        spool.add(page)
    spool.close()
    return read_id


def _receipt(run: Run, name: str, resource: str, read_id: str, count: int) -> Receipt:
    now = datetime.now(UTC)
    entity = next(one.entity for one in run.config.connections[name].vendor.resources if one.name == resource)
    told: dict[str, Any] = {"pages": 1, "rows": count, "distinct": count, "declared_total": count, "duplicates": 0}
    told |= {"walks": 1, "calls": 1, "retries": 0, "end_signal": "single page", "complete": True, "reason": None}
    return Receipt(read_id, run.run_id, name, resource, entity, Mode.FULL, started_at=now, finished_at=now, **told)


def plan(folder: Path, _told: argparse.Namespace) -> Mapping[str, Any]:
    """Reconcile and plan, and end the run as the command does: history and publishing count apart."""
    with running(folder, "plan") as run:
        begun = time.perf_counter()
        disputes = reconcile(run)
        reconciled = time.perf_counter()
        planned = planning.compute(run, disputes)
        planning.keep(run, planned, None)
        ended = time.perf_counter()
        finish(run)
        changes = len(planned.plan.changes)
    seconds = {"reconcile": reconciled - begun, "plan": ended - reconciled, "finish": time.perf_counter() - ended}
    return {**seconds, "changes": changes, "disputes": len(disputes)}


def unit(folder: Path, _told: argparse.Namespace) -> Mapping[str, Any]:
    """DuckDB's own full join of the same rows twice, one in a hundred changed, hashes computed on the fly."""
    path = folder / "unit.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as db:
        db.execute(f"ATTACH '{folder / '.orgweave' / 'work.duckdb'}' AS work (READ_ONLY)")
        db.execute(f"CREATE TABLE old AS {_ROWS} WHERE hash(source_id) % 200 <> 0")
        changed = "hash(source_id) % 100 = 7"
        db.execute(f"CREATE TABLE new AS {_ROWS} WHERE hash(source_id) % 200 <> 1 AND NOT {changed}")
        replaced = "REPLACE ('2026-02-02'::TIMESTAMPTZ AS updated_at)"
        db.execute(f"INSERT INTO new {_ROWS.replace(' FROM', f' {replaced} FROM')} WHERE {changed}")
        seconds = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            (differing,) = db.execute(_DIFF).fetchall()[0]
            seconds.append(time.perf_counter() - begun)
        (rows,) = db.execute("SELECT count(*) FROM new").fetchall()[0]
    return {"seconds": median(seconds), "rounds": seconds, "rows": rows, "differing": differing}


STEPS = {"land": land, "change": land, "plan": plan, "unit": unit}


def main() -> None:
    """Do one step."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.org_steps", description=__doc__)
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--departments", type=int, default=100_000)
    parser.add_argument("--tasks", type=int, default=1_000_000)
    told = parser.parse_args()
    sys.stdout.write(f"\n{json.dumps(STEPS[told.step](told.folder, told))}\n")


if __name__ == "__main__":
    main()
