"""One read of one resource: walk, compare with what the vendor declares, walk again where it helps, sign a receipt."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from mappings.receipt import Mode, Receipt
from sources.clock import Clock
from sources.errors import Incomplete, VendorError
from sources.vendor import Client, Page, Resource, Row

WALKS = 3
PAGES = 100_000
RECORD = 2**20  # characters of one record's JSON; no department, team or task is that large


@dataclass(frozen=True, slots=True)
class Read:
    """The rows of a read (by page, distinct by id; none when it is not complete) and its receipt.

    ``fault`` is the error that ended it, None when the read is complete.
    """

    pages: tuple[tuple[Row, ...], ...]
    receipt: Receipt
    fault: VendorError | None = None


@dataclass(slots=True)
class _Walk:
    """What one walk through the pages found so far. ``whole``: it reached its end and nothing contradicts it."""

    pages: list[tuple[Row, ...]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    rows: int = 0
    declared: int | None = None
    ends: str | None = None
    newest_first: bool = True
    whole: bool = False

    def add(self, page: Page) -> None:
        """Take a page in. Raises ``Incomplete`` where rows came again, the total moved, or more came than there are."""
        fresh = {row.source_id: row for row in page.rows if row.source_id not in self.ids}
        self.rows += len(page.rows)
        self.ids |= fresh.keys()
        self.pages.append(tuple(fresh.values()))
        self.ends = page.ends
        self.newest_first = self.newest_first and page.newest_first
        if len(fresh) < len(page.rows):
            raise Incomplete(f"page {len(self.pages)} repeats {len(page.rows) - len(fresh)} records: rows shifted")
        if page.declared_total is not None:
            if self.declared not in (None, page.declared_total):
                raise Incomplete(f"the declared total moved from {self.declared} to {page.declared_total} while paging")
            self.declared = page.declared_total
        if self.declared is not None and len(self.ids) > self.declared:
            raise Incomplete(f"the vendor declares {self.declared} records, and more than that came")
        for row in page.rows:
            if len(row.record) > RECORD:
                raise Incomplete(f"record {row.source_id[:50]} is larger than {RECORD // 2**20} MiB")

    def close(self) -> None:
        """Check the whole. Raises ``Incomplete`` with the reason."""
        if self.ends is None:
            raise Incomplete("the vendor's end signal was not reached")
        if self.declared is not None and self.declared != len(self.ids):
            raise Incomplete(f"the vendor declares {self.declared} records, {len(self.ids)} distinct ones came")
        self.whole = True

    def proves_itself(self) -> bool:
        """Whether no record can have slipped through that was there all the time.

        Rows that come and go move the others between two pages. Newest first, what is made pushes them to later pages
        and what is deleted draws them nearer; as long as the total stands still, as many were made as deleted, so that
        no row ever stands before its first place and none is passed over. Oldest first, one deleted and one made leave
        the total as it was, and a row is lost.
        """
        return len(self.pages) == 1 or (self.newest_first and self.declared is not None)

    def agrees(self, before: "_Walk") -> bool:
        """Whether the walk before this one was whole too and saw the same records."""
        return before.whole and before.ids == self.ids


def read(client: Client, resource: Resource, *, read_id: str, run_id: str, connection: str, clock: Clock) -> Read:
    """Read a resource in full. Never raises a vendor's fault: a read that failed is an incomplete one with its reason.

    Rows that shift while paging lead to another walk, ``WALKS`` at most, and so does a walk of several pages that does
    not prove itself, until two in a row agree; faults that the wire has already retried, and refusals, do not.
    """
    started, calls, retries = clock.now(), client.wire.calls, client.wire.retries
    walk, fault, walks = _Walk(), None, 0
    while walks < WALKS:
        walks += 1
        before, walk = walk, _Walk()
        fault = _walked(walk, _bounded(client.walk(resource)))
        if fault is None and not walk.proves_itself() and not walk.agrees(before):
            fault = Incomplete("neither order nor total proves the pages, and two walks in a row did not agree")
        if not isinstance(fault, Incomplete):
            break
    receipt = Receipt(
        read_id=read_id,
        run_id=run_id,
        connection=connection,
        resource=resource.name,
        entity=resource.entity,
        mode=Mode.FULL,
        started_at=started,
        finished_at=_not_before(started, clock.now()),
        pages=len(walk.pages),
        declared_total=walk.declared,
        rows=walk.rows,
        distinct=len(walk.ids),
        duplicates=walk.rows - len(walk.ids),
        walks=walks,
        calls=client.wire.calls - calls,
        retries=client.wire.retries - retries,
        end_signal=walk.ends,
        complete=fault is None,
        reason=None if fault is None else str(fault),
    )
    return Read(tuple(walk.pages) if fault is None else (), receipt, fault)


def _walked(walk: _Walk, pages: Iterator[Page]) -> VendorError | None:
    try:
        for page in pages:
            walk.add(page)
        walk.close()
    except VendorError as fault:
        return fault
    return None


def _bounded(pages: Iterator[Page]) -> Iterator[Page]:
    for number, page in enumerate(pages):
        if number >= PAGES:
            raise Incomplete(f"more than {PAGES} pages")
        yield page


def _not_before(start: datetime, end: datetime) -> datetime:
    return max(start, end)  # a clock that was set back must not make a read end before it began
