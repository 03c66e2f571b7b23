"""The safety record's runs, receipts, plans and fingerprints."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from threading import Thread

import pytest

from mappings.receipt import Mode
from state.safety import Run, SafetyRecord, StateError
from tests.state.samples import INTENT, LATER, NOON, RECEIPT, change


def test_runs_are_told_newest_first_and_end_once(record: SafetyRecord) -> None:
    record.begin_run("r0", "pull", NOON - timedelta(days=1))  # the clock went back: order is that of the calls
    record.end_run("r1", 3, LATER, {"calls": 7, "为": "人"})
    assert record.runs() == [
        Run("r0", "pull", NOON - timedelta(days=1), None, None, {}),
        Run("r1", "apply", NOON, LATER, 3, {"calls": 7, "为": "人"}),
    ]
    assert [run.run_id for run in record.runs(1)] == ["r0"]
    with pytest.raises(StateError, match="end a run once"):
        record.end_run("r1", 0, LATER, {})
    with pytest.raises(StateError, match="its own id"):
        record.begin_run("r1", "pull", NOON)


def test_receipts_come_back_as_they_were_and_only_complete_full_ones_are_measured_against(record: SafetyRecord) -> None:
    delta = replace(RECEIPT, read_id="read-2", mode=Mode.INCREMENTAL)
    broken = replace(
        RECEIPT, read_id="read-3", complete=False, reason="页 repeated", declared_total=12, end_signal=None
    )
    other = replace(RECEIPT, read_id="read-4", resource="tasks")
    record.add_receipts([RECEIPT, delta, broken, other])
    assert record.receipts() == record.receipts("r1") == [RECEIPT, delta, broken, other]
    assert record.receipts("r2") == []
    assert record.last_complete("hq", "teams") == RECEIPT
    assert record.last_complete("hq", "people") is None


def test_receipts_are_kept_all_or_none(record: SafetyRecord) -> None:
    with pytest.raises(StateError, match="its own id"):
        record.add_receipts([RECEIPT, RECEIPT])
    with pytest.raises(StateError, match="never begun"):
        record.add_receipts([replace(RECEIPT, run_id="r9")])
    assert record.receipts() == []


def test_a_plan_is_used_once_and_moves_the_workspace_on(record: SafetyRecord) -> None:
    record.use_plan("p1", LATER)
    record.add_plan("p2", "sha256:2", "r1", LATER, [])
    first, second = record.plan("p1"), record.newest_plan()
    assert first is not None
    assert second is not None
    assert (first.digest, first.used_at, first.generation) == ("sha256:1", LATER, 0)
    assert (second.plan_id, second.used_at, second.generation) == ("p2", None, 1)
    for unusable in ("p1", "p9"):
        with pytest.raises(StateError, match=f"plan {unusable} is unknown here, or was used"):
            record.use_plan(unusable, LATER)
    assert record.generation == 1
    assert record.plan("p9") is None


def test_a_plan_with_two_changes_of_one_id_is_not_kept_at_all(record: SafetyRecord) -> None:
    with pytest.raises(StateError, match="same id"):
        record.add_plan("p2", "sha256:2", "r1", NOON, [change("c1"), change("c1")])
    assert record.plan("p2") is None


def test_the_newest_fingerprint_of_a_tenant_holds(record: SafetyRecord) -> None:
    assert record.fingerprint("hq") is None
    record.keep_fingerprint("hq", {"business": 1}, NOON)
    record.keep_fingerprint("hq", {"business": 2, "名": "总部"}, LATER)
    assert record.fingerprint("hq") == {"business": 2, "名": "总部"}


def test_a_time_without_a_zone_is_refused_and_any_zone_is_the_same_moment(record: SafetyRecord) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        record.begin_run("r2", "pull", datetime(2026, 3, 1))  # noqa: DTZ001 - that is the point
    record.begin_run("r2", "pull", NOON.astimezone(timezone(timedelta(hours=8))))
    assert record._rows("SELECT started_at FROM runs WHERE run_id = 'r2'") == [("2026-03-01T12:00:00.000000+00:00",)]


def test_threads_may_write_side_by_side(record: SafetyRecord) -> None:
    def begin(connection: str) -> None:
        for number in range(20):
            record.begin(replace(INTENT, connection=connection, payload={"name": str(number)}))

    threads = [Thread(target=begin, args=(f"c{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(record.open_intents()) == 80


def test_a_closed_record_says_so_and_may_be_closed_again(record: SafetyRecord) -> None:
    record.close()
    record.close()
    with pytest.raises(StateError, match="closed"):
        record.runs()
