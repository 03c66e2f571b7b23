"""Vendors as dlt sources: one table a resource, each row a record as it came, with the read that brought it.

dlt is imported when a source is made, not before: it costs more than a second.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sources import load_vendor
from sources.clock import SystemClock
from sources.reading import Read, read
from sources.secret import Scrubber, Secret
from sources.vendor import Connection

if TYPE_CHECKING:
    import pyarrow as pa
    from dlt.extract import DltSource


def land_reads(name: str, reads: Sequence[Read]) -> "DltSource":
    """Whole reads as a dlt source called ``name``. It appends; rows count once their read is accepted."""
    import dlt

    def resources() -> Iterator[Any]:
        for one in reads:
            yield dlt.resource(_tables(one), name=one.receipt.resource, write_disposition="append")

    made: DltSource = dlt.source(resources, name=name, max_table_nesting=0)()
    return made


def vendor_source(
    vendor: str, base_url: str, secrets: Mapping[str, str], options: Mapping[str, str | int] | None = None
) -> "DltSource":
    """One account read in full, as a dlt source for any pipeline and destination.

    ``secrets`` and ``options`` are the vendor's keys as in CONTRACT.md, section 1. Raises the read's ``VendorError``
    when it was not whole: a part of a list is never landed as if it were the list.
    """
    from sources.http import Wire

    declared = load_vendor(vendor)
    hidden = {key: Secret(value) for key, value in secrets.items()}
    connection = Connection(vendor, vendor, base_url, options or {}, hidden)
    wire = Wire(base_url, declared.card(connection.options).pace)
    try:
        client = declared.connect(connection, wire, Scrubber(hidden.values()))
        run_id, clock = str(uuid.uuid4()), SystemClock()
        reads = [
            read(client, resource, read_id=str(uuid.uuid4()), run_id=run_id, connection=vendor, clock=clock)
            for resource in declared.resources
        ]
    finally:
        wire.close()
    for one in reads:
        if one.fault is not None:
            raise one.fault
    return land_reads(vendor, reads)


def _tables(one: Read) -> Iterator["pa.Table"]:
    """A raw table's rows: the read that brought a record, its page in it, the vendor's id, the record's own JSON."""
    import pyarrow as pa

    columns = pa.schema(
        [("read_id", pa.string()), ("page", pa.int64()), ("source_id", pa.string()), ("record", pa.string())]
    )
    for number, page in enumerate(one.pages or ((),)):
        yield pa.table(
            [
                pa.array([one.receipt.read_id] * len(page), pa.string()),
                pa.array([number] * len(page), pa.int64()),
                pa.array([row.source_id for row in page], pa.string()),
                pa.array([row.record for row in page], pa.string()),
            ],
            schema=columns,
        )
