"""An apply that is cut off: it ends what it began, and a later apply goes on with the very plan."""

import os
import signal
import threading
from collections.abc import Mapping

import pytest

from sources.twin import TwinReply
from tests.pipelines.rig import DEPARTMENTS, LIMITS, Office
from tests.pipelines.test_killed import HQ_ONLY, stuck

pytestmark = pytest.mark.usefixtures("unpublished")

NAMES = ["A", "B", "C"]


@pytest.fixture
def real_time(office: Office) -> Office:
    """The sandboxes live by the machine's clock, as the process does."""
    office.clock.follow_the_machine()
    office.configure(HQ_ONLY)
    office.tree(*((name,) for name in NAMES))
    return office


def test_sigterm_lets_the_write_under_way_end_and_apply_goes_on_with_the_rest(real_time: Office) -> None:
    office = real_time
    answer = threading.Event()
    with stuck(office, effect=True, answer=answer) as process:
        process.terminate()
        assert process.stderr is not None
        assert any("SIGTERM: the writes that are under way end first" in line for line in process.stderr)
        answer.set()
        out, err = process.communicate(timeout=30)
    assert process.returncode == 3, out + err
    assert office.at_hq() == ["A", "B"]
    assert "stopped by SIGTERM" in out
    ran = office.run("apply", "--yes", "--json")
    assert (ran.code, [one["status"] for one in ran.json()["results"]]) == (0, ["done"] * 3)
    assert ran.json()["verified"] is True
    assert office.writes()["nexudus"] == ["POST"] * 3
    assert office.run("apply", "--yes").code == 2  # now it is used up


def test_apply_settles_what_a_kill_left_open_and_then_goes_on(real_time: Office) -> None:
    office = real_time
    with stuck(office, effect=True) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    ran = office.run("apply", "--yes", "--json")
    assert (ran.code, [one["status"] for one in ran.json()["results"]]) == (0, ["done"] * 3)
    assert "which was cut off" in ran.err
    assert office.at_hq() == NAMES
    assert office.writes()["nexudus"] == ["POST"] * 3
    assert office.sync()["plan"]["changes"] == []


def test_a_plan_that_was_cut_off_is_not_gone_on_with_after_a_newer_one(real_time: Office) -> None:
    office = real_time
    with stuck(office, effect=True) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    (kept,) = (office.workspace / "plans").glob("*.json")
    office.sync()
    ran = office.run("apply", str(kept), "--yes")
    assert (ran.code, "was applied already" in ran.err) == (2, True)
    assert office.writes()["nexudus"] == ["POST"] * 3


def test_a_used_up_day_is_waited_for_as_long_as_max_wait_says(office: Office) -> None:
    office.configure(HQ_ONLY, connections={"hq": "pace = {writes_per_day = 2}\n"})
    office.tree(*((name,) for name in NAMES))
    ran = office.run("sync", "--yes", "--json", "--max-wait", "25h")
    assert (ran.code, office.at_hq()) == (0, NAMES)
    assert "hq: waits until 2026-03-02 08:0" in ran.err


def test_a_wait_longer_than_max_wait_is_not_begun_and_apply_goes_on_a_day_later(office: Office) -> None:
    office.configure(HQ_ONLY, connections={"hq": "pace = {writes_per_day = 2}\n"})
    office.tree(*((name,) for name in NAMES))
    ran = office.run("sync", "--yes", "--max-wait", "23h")
    assert (ran.code, office.at_hq()) == (3, ["A", "B"])
    office.clock.sleep(86_400)
    ran = office.run("apply", "--yes", "--json")
    assert (ran.code, [one["status"] for one in ran.json()["results"]]) == (0, ["done"] * 3)
    assert office.writes()["nexudus"] == ["POST"] * 3


def test_a_span_that_is_none_is_a_mistake_of_the_command_line(office: Office) -> None:
    ran = office.run("sync", "--yes", "--max-wait", "soon")
    assert (ran.code, "--max-wait: 'soon' is not a duration" in ran.err) == (2, True)


def test_a_connection_may_be_written_to_by_several_at_a_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.configure(DEPARTMENTS.replace(', "hq"', "") + LIMITS, connections={"amm": "pace = {concurrency = 4}\n"})
    for number in range(12):
        office.vendors.udesk.add_department(f"Unit {number}")
    four, dispatch = threading.Barrier(4), office.server.dispatch

    def together(method: str, target: str, headers: Mapping[str, str], body: bytes) -> TwinReply:
        if method == "POST":
            four.wait(20)  # fewer would break it, and have no answer
        return dispatch(method, target, headers, body)

    monkeypatch.setattr(office.server, "dispatch", together)
    assert office.sync()["apply"]["summary"]["done"] == 12
    assert len(office.at_amm()) == 12
