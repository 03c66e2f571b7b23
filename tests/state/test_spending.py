"""The writes of a connection, counted durably in a window of 24 hours."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state import opening
from state.safety import Outcome, SafetyRecord, Spent
from state.spending import DAY
from tests.state.samples import INTENT, NOON, change, opened

HOUR = timedelta(hours=1)


def test_a_write_is_counted_for_a_day_and_for_its_connection_alone(record: SafetyRecord) -> None:
    record.count_write("hq", NOON)
    assert record.spent("hq", 1, NOON + DAY - timedelta(microseconds=1)) == Spent(1, 1, NOON + DAY)
    assert record.spent("hq", 1, NOON + DAY) == Spent(0, 1, None)
    assert record.spent("amm", 1, NOON) == Spent(0, 1, None)


def test_the_next_write_waits_until_enough_of_those_before_it_are_a_day_old(record: SafetyRecord) -> None:
    for hours in range(5):
        record.count_write("hq", NOON + hours * HOUR)
    now = NOON + 5 * HOUR
    assert record.spent("hq", 6, now) == Spent(5, 6, None)
    assert record.spent("hq", 5, now) == Spent(5, 5, NOON + DAY)
    assert record.spent("hq", 2, now) == Spent(5, 2, NOON + 3 * HOUR + DAY)
    assert [record.spent("hq", budget, now).left for budget in (2, 5, 6, 9)] == [0, 0, 1, 4]


@settings(max_examples=40, deadline=None)  # every count waits for the disk
@given(st.integers(1, 5), st.lists(st.integers(0, 40), max_size=20))
def test_no_day_ever_holds_more_writes_than_the_budget_and_no_moment_that_is_told_is_too_early(
    tmp_path_factory: pytest.TempPathFactory, budget: int, waits: list[int]
) -> None:
    sent: list[datetime] = []
    now = NOON
    with opened(tmp_path_factory.mktemp("w")) as record:
        for wait in waits:
            now += wait * HOUR
            again = record.spent("hq", budget, now).again
            if again is not None:
                assert again > now
                assert sum(at > again - DAY for at in sent) < budget <= sum(at >= again - DAY for at in sent)
                now = again
                assert record.spent("hq", budget, now).again is None
            record.count_write("hq", now)
            sent.append(now)
    assert all(sum(at - DAY < other <= at for other in sent) <= budget for at in sent)


def test_to_look_at_what_is_used_up_tells_the_same_and_puts_nothing_right(record: SafetyRecord) -> None:
    record.count_write("hq", NOON + 9 * DAY)  # by a clock that was ahead
    assert [record.used_up("hq", 1, NOON + HOUR * hours).again for hours in (0, 1)] == [NOON + DAY, NOON + HOUR + DAY]
    assert record.spent("hq", 1, NOON) == Spent(1, 1, NOON + DAY)
    assert record.used_up("hq", 1, NOON + HOUR) == Spent(1, 1, NOON + DAY)


def test_a_write_that_never_left_is_taken_back(record: SafetyRecord) -> None:
    kept, number = record.count_write("hq", NOON), record.count_write("hq", NOON)
    record.uncount_write(number)
    assert record.spent("hq", 9, NOON).used == 1
    assert kept != number


def test_a_count_is_there_for_others_and_after_a_reopening(tmp_path: Path) -> None:
    with opened(tmp_path) as record:
        record.count_write("hq", NOON)
        with closing(sqlite3.connect(record.path)) as other:
            assert other.execute("SELECT count(*) FROM sent_writes").fetchall() == [(1,)]
    with opened(tmp_path) as record:
        assert record.spent("hq", 1, NOON).left == 0


def test_writes_of_a_clock_that_was_ahead_count_from_when_it_was_put_right(record: SafetyRecord) -> None:
    record.count_write("hq", NOON + 3650 * DAY)
    assert record.spent("hq", 1, NOON) == Spent(1, 1, NOON + DAY)
    assert record.spent("hq", 1, NOON + DAY) == Spent(0, 1, None)


def test_a_record_of_the_first_version_counts_what_its_journal_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(opening, "MIGRATIONS", opening.MIGRATIONS[:1])
        with opened(tmp_path) as record:
            record.begin_run("r1", "apply", NOON)
            record.add_plan("p1", "sha256:1", "r1", NOON, [change("c1")])
            for number, outcome in enumerate(Outcome):
                seq = record.begin(replace(INTENT, payload={"name": str(number)}))
                record.end(seq, outcome, NOON)
            record.begin(INTENT)
    with opened(tmp_path) as record:
        assert record.spent("amm", 9, NOON).used == len(Outcome) - 2 + 1  # neither stale nor not sent; one is open
