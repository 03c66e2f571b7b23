"""One run a workspace."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from state.errors import StateError
from state.lock import Held, lock
from tests.state.samples import LATER, NOON

HOLDING = """
import sys
from pathlib import Path
from state.lock import lock
from tests.state.samples import NOON

with lock(Path(sys.argv[1]), "sync --yes 客", NOON):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_run(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", HOLDING, str(path)]
    with subprocess.Popen(  # noqa: S603 - our own script
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == b"held\n"
            yield child
        finally:
            child.kill()


def test_a_second_run_is_told_at_once_who_holds_the_workspace(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with another_run(path) as child:
        with pytest.raises(Held, match=rf"`sync --yes 客` \(process {child.pid}, since 2026-03-01") as told:
            lock(path, "apply", LATER).__enter__()
        assert (told.value.pid, told.value.command, told.value.since) == (child.pid, "sync --yes 客", NOON)


def test_age_does_not_free_the_workspace(tmp_path: Path) -> None:
    with another_run(tmp_path / "lock"), pytest.raises(Held):
        lock(tmp_path / "lock", "apply", NOON + timedelta(days=365)).__enter__()


def test_a_killed_run_frees_the_workspace_at_once(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with another_run(path) as child:
        child.kill()
        child.wait()
        with lock(path, "apply", LATER):
            assert path.read_text(encoding="utf-8") == f"{os.getpid()} apply 2026-03-01T12:01:00.000000+00:00\n"


def test_the_lock_is_free_after_the_block_even_when_it_fails_and_its_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "new" / "lock"
    with pytest.raises(ZeroDivisionError), lock(path, "sync", NOON):
        raise ZeroDivisionError
    node = path.stat().st_ino
    with lock(path, "sync", NOON), pytest.raises(Held) as told:
        lock(path, "sync", NOON).__enter__()
    assert told.value.pid == os.getpid()
    assert path.stat().st_ino == node
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_holder_that_has_not_said_who_it_is_still_holds(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with lock(path, "sync", NOON):
        path.write_text("12")
        with pytest.raises(Held, match="another run holds") as told:
            lock(path, "apply", NOON).__enter__()
    assert told.value.pid is None


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "lock").symlink_to(tmp_path / "victim")
    with pytest.raises(StateError, match="lock: "):
        lock(tmp_path / "lock", "sync", NOON).__enter__()
    assert (tmp_path / "victim").read_text() == "precious"
