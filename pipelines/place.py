"""Writing a file that somebody else may be reading: the old one or the new one stands there, whole."""

from pathlib import Path

from pipelines.errors import UsageError
from state.swapping import swap_in


def make_room(place: Path) -> None:
    """Make the folder that a file is to stand in. ``UsageError`` where it cannot be made."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        told = f"{place}: its folder cannot be made: {fault.strerror}. What to do: name another place"
        raise UsageError(told) from fault


def write_whole(place: Path, text: str, *, like: Path) -> int:
    """Put ``text`` into a file in one step; how many bytes it has.

    An older file's mode is kept; a new one may be read by those who may read ``like``. ``UsageError`` where the place
    cannot be written.
    """
    if place.is_dir():
        raise UsageError(f"{place}: is a folder. What to do: name a file in it")
    make_room(place)
    try:
        swap_in(place, text, mode=like.stat().st_mode & 0o644)
    except OSError as fault:
        told = f"{place}: cannot be written: {fault.strerror}. What to do: name another place with --out"
        raise UsageError(told) from fault
    return len(text.encode())
