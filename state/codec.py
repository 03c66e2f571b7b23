"""How the safety record writes times and values: ISO-8601 in UTC, and JSON that gives back what it was given."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_MOMENT = "$at"  # JSON has no times: {"$at": "2026-03-01T08:00:00.000000+00:00"} stands for one


def stamp(at: datetime) -> str:
    """An aware time as ISO-8601 text in UTC with microseconds, so that text order is time order.

    Raises ValueError for a time without a zone: it would mean another moment on another machine.
    """
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    """The aware time that ``stamp`` wrote."""
    return datetime.fromisoformat(text)


def moment_or_none(text: str | None) -> datetime | None:
    """The same for a column that may be empty."""
    return None if text is None else moment(text)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return {_MOMENT: stamp(value)}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no form in the safety record")


def _told(pairs: dict[str, Any]) -> Any:
    return moment(pairs[_MOMENT]) if pairs.keys() == {_MOMENT} else pairs


_encoder = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain, check_circular=False
)
_decoder = json.JSONDecoder(object_hook=_told)


def pack(value: object) -> str:
    """A value as canonical JSON: equal values give equal text. Raises ValueError for NaN and infinities."""
    return _encoder.encode(value)


def unpack(text: str) -> Any:
    """What ``pack`` was given, times included; tuples come back as lists."""
    return _decoder.decode(text)


def unpack_or_none(text: str | None) -> Any:
    """The same for a column that may be empty."""
    return None if text is None else unpack(text)
