"""One read of one resource: walk, compare with what the vendor declares, walk again where it helps, sign a receipt."""

from collections.abc import Generator, Iterator, Sequence, Set
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from mappings.receipt import Mode, Receipt
from sources.errors import Incomplete, Untrusted, VendorError
from sources.spool import Kept, Sink
from sources.vendor import Client, Delta, Page, Resource, Row

if TYPE_CHECKING:
    from sources.http import Wire

WALKS = 3
PAGES = 100_000
RECORD = 2**20  # characters of one record's JSON; no department, team or task is that large


@dataclass(frozen=True, slots=True)
class Read:
    """The ids that a read saw and its receipt.

    ``pages`` are its rows, distinct by id, where they were kept in memory; none when it is not complete, or went to a
    sink of the caller's. ``fault`` is the error that ended it, None when the read is complete.
    """

    pages: tuple[tuple[Row, ...], ...]
    receipt: Receipt
    fault: VendorError | None = None
    ids: Set[str] = frozenset()


@dataclass(slots=True)
class _Walk:
    """What one walk through the pages found so far. ``whole``: it reached its end and nothing contradicts it."""

    pages: int = 0
    ids: set[str] = field(default_factory=set)
    rows: int = 0
    declared: int | None = None
    ends: str | None = None
    newest_first: bool = True
    began_at: datetime | None = None
    whole: bool = False

    def add(self, page: Page) -> Sequence[Row]:
        """Take a page in, and return its rows.

        Raises ``Incomplete`` where rows came again, the total moved, or more came than there are.
        """
        fresh = {row.source_id for row in page.rows} - self.ids
        self.rows += len(page.rows)
        self.ids.update(fresh)
        self.pages += 1
        self.began_at = page.answered_at if self.pages == 1 else self.began_at
        self.ends = page.ends
        self.newest_first = self.newest_first and page.newest_first
        if len(fresh) < len(page.rows):
            raise Incomplete(f"page {self.pages} repeats {len(page.rows) - len(fresh)} records: rows shifted")
        if page.declared_total is not None:
            if self.declared not in (None, page.declared_total):
                raise Incomplete(f"the declared total moved from {self.declared} to {page.declared_total} while paging")
            self.declared = page.declared_total
        if self.declared is not None and len(self.ids) > self.declared:
            raise Incomplete(f"the vendor declares {self.declared} records, and more than that came")
        largest = max(page.rows, key=lambda row: len(row.record), default=None)
        if largest and len(largest.record) > RECORD:
            raise Incomplete(f"record {largest.source_id[:50]} is larger than {RECORD // 2**20} MiB")
        return page.rows

    def close(self) -> None:
        """Check the whole. Raises ``Incomplete`` with the reason."""
        if self.ends is None:
            raise Incomplete("the vendor's end signal was not reached")
        if self.declared is not None and self.declared != len(self.ids):
            raise Incomplete(f"the vendor declares {self.declared} records, {len(self.ids)} distinct ones came")
        self.whole = True

    def proves_itself(self) -> bool:
        """Whether no record can have slipped through that was there all the time.

        Rows that come and go move the others between two pages. Newest first, with the first page read before all
        others (these in any order, or side by side): every id of a later page is lower than those of the first, and so
        was there when the first was read; as many distinct ones as it declared are all of them. Oldest first, one
        deleted and one made leave the total as it was, and a row is lost.
        """
        return self.pages == 1 or (self.newest_first and self.declared is not None)

    def agrees(self, before: "_Walk") -> bool:
        """Whether the walk before this one was whole too and saw the same records."""
        return before.whole and before.ids == self.ids

    def doubt(self, before: "_Walk", shown: Set[str]) -> Incomplete | None:
        """Why this walk is not believed, after ``before`` and with all that earlier ones ``shown``, if it is not."""
        if not self.ids and shown:
            return Incomplete(f"{len(shown)} records came, and a moment later an empty list")
        if self.agrees(before):
            return None
        if lost := shown - self.ids:
            return Incomplete(
                f"record {min(lost)} came in an earlier walk and in this one not, and no other one agreed"
            )
        if not self.proves_itself():
            return Incomplete("neither order nor total proves the pages, and two walks in a row did not agree")
        return None


@dataclass(frozen=True, slots=True)
class Slip:
    """What a receipt is made out to: the read, the run that it is part of, and the connection."""

    read_id: str
    run_id: str
    connection: str


def read(
    client: Client, resource: Resource, slip: Slip, *, delta: Delta | None = None, sink: Sink | None = None
) -> Read:
    """Read a resource in full, or what changed of it. Never raises a vendor's fault: it is an incomplete read's reason.

    Rows that shift while paging lead to another walk, ``WALKS`` at most, and so does a walk of several pages that
    does not prove itself or lacks a record that an earlier one showed, until two in a row agree; faults that the
    wire has already retried, and refusals, do not. Where what came cannot be the changes, the read becomes a full
    one. ``sink`` takes the rows in place of the memory; what is in it counts only when the read is complete.
    """
    wire, kept = client.wire, Kept()
    before = _Before(wire.clock.now(), wire.calls, wire.retries)
    found = _walk_whole(client, resource, delta, sink or kept)
    receipt = _receipt(slip, resource, found, wire, before)
    return Read(tuple(kept.pages) if found.fault is None else (), receipt, found.fault, found.walk.ids)


class _Before(NamedTuple):
    """How things stood when a read began."""

    moment: datetime
    calls: int
    retries: int


class _Found(NamedTuple):
    """The last walk of a read, its fault, how many there were, and what restricted it."""

    walk: _Walk
    fault: VendorError | None
    walks: int
    delta: Delta | None


def _receipt(slip: Slip, resource: Resource, found: _Found, wire: "Wire", before: _Before) -> Receipt:
    walk, fault, walks, delta = found
    return Receipt(
        read_id=slip.read_id,
        run_id=slip.run_id,
        connection=slip.connection,
        resource=resource.name,
        entity=resource.entity,
        mode=Mode.INCREMENTAL if delta else Mode.FULL,
        started_at=before.moment,
        finished_at=max(before.moment, wire.clock.now()),  # it may have been set back, and no read ends before it began
        pages=walk.pages,
        declared_total=walk.declared,
        rows=walk.rows,
        distinct=len(walk.ids),
        duplicates=walk.rows - len(walk.ids),
        walks=walks,
        calls=wire.calls - before.calls,
        retries=wire.retries - before.retries,
        end_signal=walk.ends,
        complete=fault is None,
        reason=None if fault is None else str(fault),
        since=delta.since if delta else None,
        watermark=walk.began_at if fault is None else None,
    )


def _walk_whole(client: Client, resource: Resource, delta: Delta | None, sink: Sink) -> _Found:
    """Walk until a walk proves whole or another cannot help."""
    walk, fault, walks, most = _Walk(), None, 0, WALKS
    shown: set[str] = set()
    while walks < most:
        walks += 1
        before, walk = walk, _Walk()
        fault = _walked(walk, _bounded(client.walk(resource, delta)), sink) or _missed(walk, delta)
        if isinstance(fault, Untrusted):  # the full read begins here: it has all its walks, and nothing to agree with
            delta, most, walk.whole = None, walks + WALKS, False
        fault = fault or walk.doubt(before, shown)
        shown |= walk.ids
        if not isinstance(fault, Incomplete):
            break
    return _Found(walk, fault, walks, delta)


def _walked(walk: _Walk, pages: Generator[Page, None, None], sink: Sink) -> VendorError | None:
    sink.begin()
    try:
        with closing(pages):  # calls that run side by side end with their walk
            for page in pages:
                sink.add(walk.add(page))
        walk.close()
    except VendorError as fault:
        return fault
    return None


def _missed(walk: _Walk, delta: Delta | None) -> VendorError | None:
    """Why changes that came whole prove nothing; None where they may be believed."""
    if delta and walk.began_at and walk.began_at < delta.since:
        return Untrusted(f"the vendor's clock was set back: changes were asked for since {delta.since:%FT%H:%M}")
    missing = delta.expected - walk.ids if delta else frozenset()
    if not missing:
        return None
    text = f"record {min(missing)} was seen to change since, and is not among the changes"
    return Untrusted(f"{text}: it was deleted, or a stale copy answered")


def _bounded(pages: Iterator[Page]) -> Generator[Page, None, None]:
    for number, page in enumerate(pages):
        if number >= PAGES:
            raise Incomplete(f"more than {PAGES} pages")
        yield page
