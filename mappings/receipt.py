"""The receipt of a read: the proof that it was whole, and what may be concluded from it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Mode(StrEnum):
    """What a read asked for. Absence is only ever believed from a full one."""

    FULL = "full"
    INCREMENTAL = "incremental"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One read of one resource of one connection.

    ``rows`` counts the records as they came, ``distinct`` the ids among them, ``duplicates`` the rest;
    ``declared_total`` is the vendor's own count or None where it declares none. ``end_signal`` says what ended the walk
    (``"next_cursor null"``, ``"HasNextPage false"``, ``"single page"``). ``complete`` is False with a ``reason`` when
    the read proves nothing about absence. ``since``: the vendor's time from which on an incremental read asked for
    changes. ``watermark``: the vendor's time at which the walk began, from which the next incremental read goes on;
    None where the vendor does not tell the time.
    """

    read_id: str
    run_id: str
    connection: str
    resource: str
    entity: str
    mode: Mode
    started_at: datetime
    finished_at: datetime
    pages: int
    declared_total: int | None
    rows: int
    distinct: int
    duplicates: int
    walks: int
    calls: int
    retries: int
    end_signal: str | None
    complete: bool
    reason: str | None
    since: datetime | None = None
    watermark: datetime | None = None


SHRINK_SHARE = 0.5
SHRINK_FLOOR = 5


def implausible(before: int, now: int) -> bool:
    """Whether a complete read that found ``now`` records, after one that found ``before``, must not be believed.

    Less than half and at least five fewer (DESIGN 5.1): small organisations may lose a few records, nobody loses most
    of them between two nights without saying so.
    """
    return now < before * SHRINK_SHARE and before - now >= SHRINK_FLOOR


def no_witness(known: int, *, seen: bool) -> bool:
    """Whether a read proves nothing: records are known to exist there, and not one of them was seen."""
    return known > 0 and not seen
