"""``[workspace] keep_runs``: old plans go, what may still be used stays, the log of faults is bounded."""

import sqlite3
from contextlib import closing

from pipelines import trimming
from tests.pipelines.rig import DEPARTMENTS, LIMITS, Office

KEEP_TWO = DEPARTMENTS + LIMITS + "\n[workspace]\nkeep_runs = 2\n"


def files(office: Office) -> set[str]:
    return {path.name for path in (office.workspace / "plans").iterdir()}


def planned(office: Office) -> str:
    plan_id: str = office.run("plan", "--json").json()["plan_id"]
    return f"{plan_id}.json"


def test_plans_beyond_the_last_ones_go_and_the_record_keeps_them(office: Office) -> None:
    office.configure(KEEP_TWO)
    office.tree(("Ops",))
    assert office.run("pull").code == 0
    (office.workspace / "plans").mkdir()
    (office.workspace / "plans" / "mine.json").write_text("{}", encoding="utf-8")
    made = [planned(office) for _ in range(4)]
    assert files(office) == {*made[2:], "mine.json"}
    told = office.ask("SELECT count(DISTINCT plan_id) FROM ops.changes")
    assert told == [(4,)]
    assert office.run("apply", "--yes").code == 0
    assert "there is no such plan" in office.run("apply", str(office.workspace / "plans" / made[0]), "--yes").err


def test_a_plan_that_was_cut_off_stays(office: Office) -> None:
    office.configure(KEEP_TWO)
    office.tree(("Ops",))
    assert office.run("pull").code == 0
    first = planned(office)
    with closing(sqlite3.connect(office.workspace / "journal.sqlite", isolation_level=None)) as db:
        db.execute("UPDATE plans SET used_at = created_at")
    for _ in range(3):
        planned(office)
    assert first in files(office)
    assert len(files(office)) == 3


def test_a_log_of_faults_that_has_grown_is_put_aside(office: Office) -> None:
    assert office.run("pull").code == 0
    log = office.workspace / "orgweave.log"
    log.write_bytes(b"x" * (trimming.LOG_BYTES + 1))
    assert office.run("pull").code == 0
    assert not log.exists()
    assert (office.workspace / "orgweave.log.1").stat().st_size == trimming.LOG_BYTES + 1
