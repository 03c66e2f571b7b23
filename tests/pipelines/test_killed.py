"""A run that is killed in the middle of its writes, and what the next runs make of it."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sources.twin import TwinReply, TwinRequest
from tests.pipelines.processes import started
from tests.pipelines.rig import DEPARTMENTS, LIMITS, Execute, Office, once

HQ_ONLY = DEPARTMENTS.replace('"amm", ', "") + LIMITS


@contextmanager
def stuck(office: Office, *, effect: bool, answer: threading.Event | None = None) -> Iterator["subprocess.Popen[str]"]:
    """A sync in a process of its own that waits for the answer to its second create; leaving lets the answer go.

    ``answer``: once it is set, the answer is the true one.
    """
    reached, go_on = threading.Event(), answer or threading.Event()

    def wait(request: TwinRequest, execute: Execute) -> TwinReply:
        reply = execute(request) if effect else TwinReply(500, b"")
        reached.set()
        assert go_on.wait(30)
        return reply if answer else TwinReply(500, b"")

    def second(_request: TwinRequest, _execute: Execute) -> TwinReply | None:
        once(office.vendors.nexudus, "POST", wait)
        return None

    once(office.vendors.nexudus, "POST", second)
    with started(["sync", "--yes", "--json"], config=office.config) as process:
        try:
            assert reached.wait(30), process.communicate(timeout=30)
            yield process
        finally:
            process.kill()
            go_on.set()


@pytest.fixture
def real_time(office: Office) -> Office:
    """The sandboxes live by the machine's clock, as the process does."""
    office.clock.follow_the_machine()
    office.configure(HQ_ONLY)
    office.tree(("A",), ("B",), ("C",))
    return office


def test_a_run_killed_after_a_write_took_effect_is_settled_by_the_next_without_a_twin(real_time: Office) -> None:
    office = real_time
    with stuck(office, effect=True) as process:
        second = office.run("sync", "--yes", "--json")
        assert (second.code, second.json().keys()) == (75, {"error"})
        assert f"process {process.pid}" in second.err
        assert "`sync`" in second.err
        assert office.run("runs").code == 0
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert sorted(office.at_hq()) == ["A", "B"]
    assert "did not end" in office.run("runs").out
    document = office.sync()
    assert office.at_hq() == ["A", "B", "C"]
    assert [change["after"]["name"] for change in document["plan"]["changes"]] == ["C"]
    assert office.writes()["nexudus"] == ["POST"] * 3
    assert office.sync()["plan"]["changes"] == []
    ended = office.ask("SELECT after->>'name', status FROM ops.changes WHERE status <> 'ready' ORDER BY ALL")
    assert ended == [("A", "done"), ("B", "adopted"), ("C", "done")]


def test_a_run_interrupted_before_its_write_took_effect_makes_it_once_after_the_settle_time(real_time: Office) -> None:
    office = real_time
    with stuck(office, effect=False) as process:
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert any("end first" in line for line in process.stderr)
        process.send_signal(signal.SIGINT)  # it does not wait for the answer then
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out.count("\n"), "interrupted" in err) == (130, 1, True)
    document = office.run("sync", "--yes", "--json").json()
    rules = {change["after"]["name"]: change["rule"] for change in document["plan"]["changes"]}
    assert rules == {"B": "outcome_unknown", "C": "missing_in_target"}
    assert office.at_hq() == ["A", "C"]
    office.clock.sleep(200)
    assert office.run("pull").code == 0
    document = office.sync()
    assert document["apply"]["summary"]["done"] == 1
    assert office.at_hq() == ["A", "B", "C"]
    assert office.sync()["plan"]["changes"] == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_pull_that_waits_for_a_vendor_ends_at_once_where_it_is_stopped(
    real_time: Office, number: signal.Signals, code: int
) -> None:
    office, reached, go_on = real_time, threading.Event(), threading.Event()

    def wait(request: TwinRequest, execute: Execute) -> TwinReply:
        reached.set()
        assert go_on.wait(30)
        return execute(request)

    once(office.vendors.scalepad, "GET", wait)
    with started(["pull", "--json"], config=office.config) as process:
        try:
            assert reached.wait(30), process.communicate(timeout=30)
            process.send_signal(number)
            out, err = process.communicate(timeout=20)  # sooner than the vendor answers
        finally:
            process.kill()
            go_on.set()
    assert (process.returncode, list(json.loads(out)), "interrupted" in err) == (code, ["error"], True)
    assert office.run("pull").code == 0
    assert [one["exit_code"] for one in office.run("runs", "--json").json()["runs"]] == [0, code]
