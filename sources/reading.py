"""One read of one resource: walk, compare with what the vendor declares, walk again where it helps, sign a receipt."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mappings.receipt import Mode, Receipt
from sources.clock import Clock
from sources.errors import Incomplete, VendorError
from sources.vendor import Client, Page, Resource, Row

WALKS = 3
PAGES = 100_000


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
    """What one walk through the pages found so far."""

    pages: list[tuple[Row, ...]]
    ids: set[str]
    rows: int = 0
    declared: int | None = None
    ends: str | None = None

    def add(self, page: Page) -> None:
        """Take a page in. Raises ``Incomplete`` when it adds nothing and does not end the walk, or the total moved."""
        fresh = {row.source_id: row for row in page.rows if row.source_id not in self.ids}
        if page.rows and not fresh and page.ends is None:
            raise Incomplete(f"page {len(self.pages) + 1} repeats records of earlier pages and adds none")
        if page.declared_total is not None:
            if self.declared not in (None, page.declared_total):
                raise Incomplete(f"the declared total moved from {self.declared} to {page.declared_total} while paging")
            self.declared = page.declared_total
        self.rows += len(page.rows)
        self.ids |= fresh.keys()
        self.pages.append(tuple(fresh.values()))
        self.ends = page.ends

    def close(self) -> None:
        """Check the whole. Raises ``Incomplete`` with the reason."""
        if self.ends is None:
            raise Incomplete("the vendor's end signal was not reached")
        if self.declared is not None and self.declared != len(self.ids):
            raise Incomplete(f"the vendor declares {self.declared} records, {len(self.ids)} distinct ones came")


def read(client: Client, resource: Resource, *, read_id: str, run_id: str, connection: str, clock: Clock) -> Read:
    """Read a resource in full. Never raises a vendor's fault: a read that failed is an incomplete one with its reason.

    Rows that shift while paging lead to another walk, ``WALKS`` at most; faults that the wire has already retried, and
    refusals, do not.
    """
    started, calls, retries = clock.now(), client.wire.calls, client.wire.retries
    fault: VendorError | None = None
    walk = _Walk([], set())
    walks = 0
    while walks < WALKS:
        walks += 1
        walk, fault = _Walk([], set()), None
        try:
            for page in _bounded(client.walk(resource)):
                walk.add(page)
            walk.close()
            break
        except Incomplete as shifted:
            fault = shifted
        except VendorError as failed:
            fault = failed
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


def _bounded(pages: Iterator[Page]) -> Iterator[Page]:
    for number, page in enumerate(pages):
        if number >= PAGES:
            raise Incomplete(f"more than {PAGES} pages")
        yield page


def _not_before(start: datetime, end: datetime) -> datetime:
    return max(start, end)  # a clock that was set back must not make a read end before it began
