"""Files that stand in their place whole and for good: exchanged in one step, and durable."""

import os
from pathlib import Path


def swap_in(place: Path, text: str, *, mode: int) -> None:
    """Write a small file beside ``place`` and move it there: a reader sees the old or the new, whole.

    ``mode`` is a new file's; an older one's is kept.
    """
    if place.is_file():
        mode = place.stat().st_mode & 0o777
    fresh = place.with_name(f".{place.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.chmod(mode)
        fresh.replace(place)
    finally:
        fresh.unlink(missing_ok=True)


def make_durable(place: Path) -> None:
    """Have the disk keep a file's content, or a folder's names."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
