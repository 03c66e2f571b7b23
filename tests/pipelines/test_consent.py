"""Consent on a terminal: a typed yes or y, and nothing else."""

import os
import pty
import subprocess
import sys

import pytest

from tests.pipelines.processes import ORGWEAVE
from tests.pipelines.rig import Office

pytestmark = pytest.mark.usefixtures("unpublished")


def answered(office: Office, answer: str) -> tuple[int, str]:
    """Run ``apply`` on a terminal, type an answer when it asks; the exit code and what the terminal showed."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "ORGWEAVE_CONFIG": str(office.config), "TERM": "xterm"}
    process = subprocess.Popen(  # noqa: S603 - our own command line
        [sys.executable, "-c", ORGWEAVE, "apply"], stdin=theirs, stdout=theirs, stderr=theirs, env=env
    )
    os.close(theirs)
    shown = ""
    try:
        while part := os.read(ours, 4096).decode():
            if "Type yes" in part:
                os.write(ours, f"{answer}\n".encode())
            shown += part
    except OSError:  # how Linux tells that the other side of a terminal is gone
        pass
    finally:
        os.close(ours)
        process.wait(30)
    return process.returncode, shown


def test_apply_on_a_terminal_writes_after_a_typed_yes_alone(office: Office) -> None:
    office.clock.follow_the_machine()
    office.tree(("Ops",))
    assert office.run("pull").code == office.run("plan").code == 0
    for answer, code, made in (("yep", 2, []), ("Y", 0, ["Ops"])):
        ended, shown = answered(office, answer)
        assert (ended, office.at_hq()) == (code, made)
        assert "2 changes to amm, hq" in shown
        assert "Traceback" not in shown
