"""One run a workspace: a lock that the kernel holds, and frees at once when its holder dies. No clock decides."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from state.codec import moment, stamp
from state.errors import StateError


class Held(Exception):
    """Another run holds the workspace. ``pid``, ``command`` and ``since`` are None where it has not yet said."""

    def __init__(self, pid: int | None, command: str | None, since: datetime | None) -> None:
        told = "another run" if pid is None else f"`{command}` (process {pid}, since {since})"
        super().__init__(f"{told} holds this workspace; wait for it to end")
        self.pid = pid
        self.command = command
        self.since = since


@contextmanager
def lock(path: Path, command: str, at: datetime) -> Iterator[None]:
    """Hold the workspace whose lock file is ``path`` while the block runs.

    The file stays for good: to delete it would let two runs hold two files of the same name. Raises Held at once where
    another run has it, StateError where the file cannot be used.
    """
    held = _open(path)
    try:
        _take(held, path)
        os.ftruncate(held, 0)
        os.pwrite(held, f"{os.getpid()} {command} {stamp(at)}\n".encode(), 0)
        yield
        os.ftruncate(held, 0)
    finally:
        os.close(held)


def is_held(path: Path) -> bool:
    """Whether a run holds the workspace whose lock file is ``path`` now. Makes no file, and is in nobody's way."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(file)
    return False


def _open(path: Path) -> int:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StateError(f"{path}: {error.strerror}. Check the folder, its owner and its rights.") from error


def _take(held: int, path: Path) -> None:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise _holder(os.pread(held, 4096, 0).decode(errors="replace")) from error
    except OSError as error:
        raise StateError(
            f"{path}: {error.strerror}. Put the workspace on a local disk: locks must work there."
        ) from error


def _holder(line: str) -> Held:
    """A line that is empty or half-written belongs to a holder that is about to write it."""
    try:
        pid, rest = line.rstrip("\n").split(" ", 1)
        command, since = rest.rsplit(" ", 1)
        return Held(int(pid), command, moment(since))
    except ValueError:
        return Held(None, None, None)
