"""A file on disk: read whole or not at all, and exchanged in one step."""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sources.errors import Denied, Incomplete, NotSent, Rejected, Unavailable
from sources.files.settings import LARGEST


class Stamp(NamedTuple):
    """What changes when somebody writes a file or puts another in its place."""

    device: int
    inode: int
    size: int
    modified: int  # nanoseconds


class Content(NamedTuple):
    """All bytes of a file, and its stamp before and after they were read."""

    data: bytes
    stamp: Stamp


def read_whole(path: Path) -> Content:
    """Read a file. Raises ``Incomplete`` where it is missing or changes meanwhile, ``Denied`` where it is barred."""
    try:
        with path.open("rb") as file:
            held = os.fstat(file.fileno())
            if not stat.S_ISREG(held.st_mode):
                raise Denied(f"{path} is no file. What to do: name a file, in orgweave.toml")
            if held.st_size > LARGEST:
                raise Denied(f"{path} is larger than {LARGEST // 2**20} MiB. What to do: export less at a time")
            data = file.read()
        before, after = _stamp(held), _stamp(path.stat())
    except FileNotFoundError:
        raise Incomplete(f"{path} is not there. What to do: is the export late, or the folder another one?") from None
    except OSError as fault:
        raise Denied(f"{path} cannot be read: {fault.strerror}. What to do: check it and its rights") from fault
    if before != after or len(data) != before.size:
        raise Incomplete(f"{path} changed while it was read. What to do: try again once the export has ended")
    return Content(data, before)


def replace_whole(path: Path, fresh: bytes, seen: Stamp) -> None:
    """Put these bytes in the place of those that were ``seen``: a reader sees the old file or the new one, whole.

    Its mode stays, and so does its owner where that is allowed. Call it while the folder is ``held``. Raises
    ``NotSent`` where somebody changed the file since, ``Denied`` where it cannot be written; nothing is then changed.
    Raises ``Unavailable`` where the new file stands there and may not outlive a power cut.
    """
    place = path.resolve()  # a link stays one
    beside = place.with_name(f".{place.name}.orgweave-new")
    try:
        _write(beside, fresh, place.stat())
        if _stamp(place.stat()) != seen:
            raise NotSent(f"{path} was changed meanwhile")
        beside.replace(place)
    except OSError as fault:
        told = "the disk is full" if fault.errno in (errno.ENOSPC, errno.EDQUOT) else fault.strerror
        raise Denied(
            f"{path} cannot be written: {told}. What to do: check the folder, its disk and its rights"
        ) from fault
    finally:
        beside.unlink(missing_ok=True)
    try:
        _sync(place.parent)
    except OSError as fault:
        raise Unavailable(f"{path} was written, and may not last: {fault.strerror}") from fault


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep other runs of orgweave from writing into the file's folder while the block runs; no file is made for it."""
    try:
        folder = os.open(path.resolve().parent, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as fault:
        raise Denied(f"{path.parent} cannot be opened: {fault.strerror}. What to do: check the folder") from fault
    try:
        _lock(folder, path)
        yield
    finally:
        os.close(folder)


def encoded(text: str, encoding: str, path: Path) -> bytes:
    """A text in the file's encoding. Raises ``Rejected`` for a letter that it does not have."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as fault:
        letter = text[fault.start]
        raise Rejected(f"{path.name} is in {encoding}, which has no {letter!r}", rule="not_in_encoding") from fault


def _lock(folder: int, path: Path) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
    except OSError as fault:
        raise Denied(f"{path.parent} cannot be locked: {fault.strerror}. What to do: use a local disk") from fault


def _write(beside: Path, fresh: bytes, like: os.stat_result) -> None:
    beside.unlink(missing_ok=True)  # of a run that was cut off
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor
        file.write(fresh)
        file.flush()
        if (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
            _give(handle, like)
        os.fchmod(handle, stat.S_IMODE(like.st_mode))
        os.fsync(handle)


def _give(handle: int, like: os.stat_result) -> None:
    try:
        os.fchown(handle, like.st_uid, like.st_gid)
    except PermissionError:  # only root may give files away: it is then the writer's own
        return


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _stamp(found: os.stat_result) -> Stamp:
    return Stamp(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
