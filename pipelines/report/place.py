"""Writing a file that somebody else may be reading: the old one or the new one stands there, whole."""

import os
from contextlib import suppress
from pathlib import Path

from pipelines.errors import UsageError


def write_whole(place: Path, text: str, *, like: Path) -> int:
    """Put ``text`` into a file in one step; how many bytes it has.

    An older file's mode is kept; a new one may be read by those who may read ``like``. ``UsageError`` where the place
    cannot be written.
    """
    fresh = place.with_name(f".{place.name}.{os.getpid()}.new")
    content = text.encode("utf-8")
    if place.is_dir():
        raise UsageError(f"{place}: is a folder. What to do: name a file in it")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        mode = place.stat().st_mode & 0o777 if place.exists() else like.stat().st_mode & 0o644
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.chmod(mode)
        fresh.replace(place)
    except OSError as fault:
        told = f"{place}: cannot be written: {fault.strerror}. What to do: name another place with --out"
        raise UsageError(told) from fault
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    return len(content)
