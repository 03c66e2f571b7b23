"""The daily budget of writes: counted before a write leaves, remembered across runs, and never exceeded."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from sources.twin import TwinReply
from tests.pipelines.keeping import kept
from tests.pipelines.rig import DEPARTMENTS, LIMITS, RULES, Office, Ran, failing, lost, once

pytestmark = pytest.mark.usefixtures("unpublished")

DAY = 24 * 3600
HQ = DEPARTMENTS.replace('"amm", ', "") + LIMITS
NAMES = ["A", "B", "C", "D", "E"]


def allow(office: Office, writes: int, rules: str = HQ) -> None:
    office.configure(rules, connections={"hq": f"[connections.hq.pace]\nwrites_per_day = {writes}\n"})


@pytest.fixture
def five(office: Office) -> Office:
    """Five departments that Nexudus lacks, and three writes a day."""
    office.tree(*((name,) for name in NAMES))
    allow(office, 3)
    return office


@pytest.fixture
@kept
def spent(five: Office) -> Office:
    """The day's three writes were sent, and two departments are left."""
    assert sync(five) == (3, ["done"] * 3 + ["skipped"] * 2)
    return five


def sync(office: Office) -> tuple[int, list[str]]:
    ran = office.run("sync", "--yes", "--json")
    applied = ran.json()["apply"] or {"results": []}
    return ran.code, [result["status"] for result in applied["results"]]


def used(office: Office) -> int:
    with closing(sqlite3.connect(office.workspace / "journal.sqlite")) as db:
        return int(db.execute("SELECT count(*) FROM sent_writes WHERE connection = 'hq'").fetchone()[0])


def test_what_is_over_the_budget_is_skipped_with_the_moment_it_may_go_and_done_a_day_later(five: Office) -> None:
    ran = five.run("sync", "--yes", "--json")
    results = ran.json()["apply"]["results"]
    assert (ran.code, [one["status"] for one in results]) == (3, ["done"] * 3 + ["skipped"] * 2)
    assert (
        "3 of 3 writes were sent in the last 24 hours; the next one is allowed from 2026-03-02 08:0"
        in results[3]["error"]
    )
    assert ran.json()["apply"]["verified"] is False
    assert five.at_hq() == ["A", "B", "C"]
    five.clock.sleep(DAY)
    assert sync(five) == (0, ["done", "done"])
    assert five.at_hq() == NAMES
    assert five.writes()["nexudus"] == ["POST"] * 5


def test_a_run_within_the_day_sends_nothing_more_and_leaves_no_intent_open(spent: Office) -> None:
    spent.clock.sleep(DAY - 600)
    assert sync(spent) == (3, ["skipped", "skipped"])
    assert spent.writes()["nexudus"] == ["POST"] * 3
    with closing(sqlite3.connect(spent.workspace / "journal.sqlite")) as db:
        assert db.execute("SELECT DISTINCT outcome FROM intents").fetchall() == [("done",)]


def test_nothing_is_read_for_a_write_that_may_not_leave(spent: Office) -> None:
    spent.run("plan")
    before = len(spent.vendors.nexudus.log)
    assert spent.run("apply", "--yes").code == 3
    listed = [path for _, path, _ in spent.vendors.nexudus.log[before:] if path.endswith("/helpdeskdepartments")]
    assert len(listed) == 1  # the read that verifies


def test_other_connections_go_on(five: Office) -> None:
    allow(five, 2, RULES)
    code, statuses = sync(five)
    assert (code, statuses.count("done"), statuses.count("skipped")) == (3, 7, 3)
    assert (five.at_amm(), five.at_hq()) == (NAMES, ["A", "B"])


@pytest.mark.long
def test_the_window_slides_so_that_a_write_may_go_a_day_after_the_one_before_it(office: Office) -> None:
    allow(office, 2)
    for name in ("A", "B"):
        office.tree((name,))
        assert sync(office) == (0, ["done"])
        office.clock.sleep(DAY / 4)
    office.tree(("C",), ("D",))
    assert sync(office) == (3, ["skipped", "skipped"])
    office.clock.sleep(DAY / 2)
    assert sync(office) == (3, ["done", "skipped"])
    assert office.at_hq() == ["A", "B", "C"]


def test_a_throttled_write_that_is_sent_again_counts_twice_and_stops_at_the_budget(five: Office) -> None:
    once(five.vendors.nexudus, "POST", lambda _request, _execute: TwinReply(409, b"", {"Retry-After": "1"}))
    assert sync(five) == (3, ["done"] * 2 + ["skipped"] * 3)
    assert (used(five), five.at_hq()) == (3, ["A", "B"])


def test_the_budget_that_ends_between_two_tries_of_a_write_closes_its_intent(five: Office) -> None:
    allow(five, 1)
    once(five.vendors.nexudus, "POST", lambda _request, _execute: TwinReply(409, b"", {"Retry-After": "1"}))
    assert sync(five) == (3, ["skipped"] * 5)
    assert five.at_hq() == []
    five.clock.sleep(DAY)
    assert sync(five) == (3, ["done"] + ["skipped"] * 4)
    assert five.at_hq() == ["A"]


def test_a_write_without_an_answer_counts(five: Office) -> None:
    once(five.vendors.nexudus, "POST", lost())
    assert sync(five) == (3, ["unknown", "done", "done", "skipped", "skipped"])
    five.clock.sleep(DAY)
    assert sync(five) == (0, ["done", "done"])
    assert five.at_hq() == NAMES


def test_a_refused_write_counts_and_reads_do_not(five: Office) -> None:
    refusal = b'{"WasSuccessful": false, "Errors": [], "Message": "no"}'
    once(five.vendors.nexudus, "POST", failing(400, refusal))
    assert sync(five) == (3, ["failed", "done", "done", "skipped", "skipped"])
    assert five.run("pull").code == 0
    assert used(five) == 3


def test_a_plan_that_is_over_the_budget_says_how_many_days_it_takes(spent: Office) -> None:
    spent.tree(("F",), ("G",))
    spent.run("pull")
    plan = spent.run("plan", "--json").json()
    assert plan["price"]["hq"] == {"reads": 1, "writes": 4, "seconds": 4.01, "days": 2}
    told = " ".join(spent.run("plan").text.split())
    assert "hq: the plan has 4 writes, 0 of its 3 a day are left, and the next may go from 2026-03-02 08:0" in told
    assert "Later runs do the rest; the last may go 2 days from now." in told
    spent.clock.sleep(DAY)
    assert "days" in spent.run("plan", "--json").json()["price"]["hq"]
    allow(spent, 4)
    assert "days" not in spent.run("plan", "--json").json()["price"]["hq"]


def test_the_vendors_own_budget_holds_where_none_is_configured_and_a_raised_one_lets_more_through(
    spent: Office,
) -> None:
    with closing(sqlite3.connect(spent.workspace / "journal.sqlite")) as db, db:
        sent = db.execute("SELECT max(sent_at) FROM sent_writes").fetchone()[0]
        db.executemany("INSERT INTO sent_writes (connection, sent_at) VALUES ('hq', ?)", [(sent,)] * 2496)
    spent.configure(HQ)
    ran = spent.run("sync", "--yes", "--json")
    assert [one["status"] for one in ran.json()["apply"]["results"]] == ["done", "skipped"]
    assert "2500 of 2500 writes" in ran.json()["apply"]["results"][1]["error"]
    allow(spent, 5000)
    assert sync(spent) == (0, ["done"])


def test_a_vendor_without_a_documented_budget_gets_one_by_the_configuration(office: Office) -> None:
    office.tree(("A",), ("B",))
    rules = DEPARTMENTS.replace(', "hq"', "") + LIMITS
    office.configure(rules, connections={"amm": "[connections.amm.pace]\nwrites_per_day = 1\n"})
    assert sync(office) == (3, ["done", "skipped"])
    office.configure(rules)
    assert sync(office) == (0, ["done"])


def test_a_clock_that_was_ahead_does_not_lock_a_connection_for_longer_than_a_day(five: Office) -> None:
    five.clock.sleep(3650 * DAY)
    sync(five)
    five.clock.sleep(-3650 * DAY)
    assert sync(five) == (3, ["skipped", "skipped"])
    five.clock.sleep(DAY + 60)
    assert sync(five) == (0, ["done", "done"])


def test_the_moment_that_is_told_is_early_enough(spent: Office) -> None:
    told = spent.run("sync", "--yes").text
    moment = told.split("allowed from ")[1].split(" UTC")[0]
    now = spent.clock.now().replace(tzinfo=None)
    due = now.fromisoformat(moment)
    assert timedelta() < due - now < timedelta(days=1, seconds=1)
    spent.clock.sleep((due - now).total_seconds())
    assert sync(spent)[1][0] == "done"


def test_a_budget_of_none_is_refused_with_its_key(office: Office) -> None:
    allow(office, 0)
    ran: Ran = office.run("plan")
    assert (ran.code, "connections.hq.pace.writes_per_day: at least 1" in ran.err) == (2, True)
