"""``orgweave review`` on a terminal: one question after another, with both trees, and one run at the end."""

import os
import pty
import re
import subprocess
import sys

from rich.cells import cell_len

from tests.pipelines.processes import ORGWEAVE
from tests.pipelines.reviewing import canonical, linked, tie, waiting
from tests.pipelines.rig import DEPARTMENTS, LIMITS, Office

UNWRITTEN = DEPARTMENTS.replace('["amm", "hq"]', "[]") + LIMITS


def talk(office: Office, *answers: str) -> tuple[int, str]:
    """Run ``review`` on a terminal and answer its questions; then the input ends. The exit code and what was shown."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "ORGWEAVE_CONFIG": str(office.config), "TERM": "xterm", "COLUMNS": "80", "LOGNAME": "王"}
    process = subprocess.Popen(  # noqa: S603 - our own command line
        [sys.executable, "-c", ORGWEAVE, "review"], stdin=theirs, stdout=theirs, stderr=theirs, env=env
    )
    os.close(theirs)
    left = [*answers, "\x04"]
    shown = b""
    asked = 0
    try:
        while part := os.read(ours, 4096):
            shown += part
            while shown.count(b"q quit: ") > asked:
                asked += 1
                os.write(ours, (f"{left.pop(0)}\n" if len(left) > 1 else left[0]).encode())
    except OSError:  # how Linux tells that the other side of a terminal is gone
        pass
    finally:
        os.close(ours)
        process.wait(60)
    return process.returncode, shown.decode()


def test_each_question_shows_both_trees_and_all_answers_are_one_run(office: Office) -> None:
    office.clock.follow_the_machine()
    office.configure(UNWRITTEN)
    at_amm = tie(office)
    office.tree(("Ops",), ("C",), ("C", "Ops"))
    again = office.vendors.scalepad.add_department("Ops")
    assert office.run("pull").code == 0
    runs = len(office.ask("FROM ops.runs"))
    code, shown = talk(office, "what?", "9", "1", "n")
    assert "Traceback" not in shown
    assert code == 0, shown
    for words in ("1 of 2", "2 of 2", at_amm, "Tier 1", "▶ Support", "1-2 it is that one", "2 decided:"):
        assert words in shown, shown
    assert linked(office)[again][1] == "person"
    assert linked(office)[at_amm][1] == "founded"
    assert len(office.ask("FROM ops.runs")) == runs + 1
    pictures = re.sub(r"\x1b\[[0-9;]*m|\r", "", shown.partition("2 decided:")[0]).splitlines()
    assert max(map(cell_len, pictures)) <= 80, shown


def test_what_was_answered_before_somebody_quits_is_kept_and_the_rest_waits(office: Office) -> None:
    office.clock.follow_the_machine()
    office.configure(UNWRITTEN)
    tie(office)
    office.tree(("Ops",), ("C",), ("C", "Ops"))
    at_amm = office.vendors.scalepad.add_department("Ops")
    assert office.run("pull").code == 0
    for answers in (("q",), ("s", "s"), ()):
        code, shown = talk(office, *answers)
        assert (code, "Nothing was decided." in shown) == (3, True), shown
    code, shown = talk(office, "2", "q")
    assert (code, "1 proposal still waits: orgweave review" in shown) == (3, True), shown
    assert linked(office)[at_amm][0] in (canonical(office, "Ops"), canonical(office, "C / Ops"))
    assert len(waiting(office)["proposals"]) == 1
