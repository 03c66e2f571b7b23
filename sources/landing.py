"""Vendors as dlt sources: one table a resource, each row a record as it came, with the read that brought it.

dlt is imported when a source is made, not before: it costs more than a second.
"""

import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from weakref import finalize

from sources.reading import Slip, read
from sources.registry import load_vendor
from sources.secret import Scrubber, Secret
from sources.spool import Spool
from sources.vendor import Client, Connection, Vendor

if TYPE_CHECKING:
    from dlt.extract import DltSource

COLUMNS: Any = {  # the read that brought a record, its page in it, the vendor's id, the record's own JSON
    "read_id": {"data_type": "text"},
    "page": {"data_type": "bigint"},
    "source_id": {"data_type": "text"},
    "record": {"data_type": "text"},
}


def land_spools(name: str, spools: Mapping[str, Spool]) -> "DltSource":
    """Spooled reads, by resource, as a dlt source called ``name``. It appends; rows count once their read is accepted.

    dlt takes the files as they are: the rows never come back into memory.
    """
    import dlt

    def resources() -> Iterator[Any]:
        for resource, spool in spools.items():
            rows = dlt.mark.with_file_import(str(spool.path), "parquet", spool.rows)
            yield dlt.resource([rows], name=resource, write_disposition="append", columns=COLUMNS)

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

    declared = load_vendor(vendor).fitted(options or {})
    hidden = {key: Secret(value) for key, value in secrets.items()}
    connection = Connection(vendor, vendor, base_url, options or {}, hidden)
    wire = Wire(base_url, declared.card(connection.options).pace)
    folder = TemporaryDirectory(prefix="orgweave-")
    try:
        client = declared.connect(connection, wire, Scrubber(hidden.values()))
        spools = _spooled(client, declared, Path(folder.name))
    finally:
        wire.close()
    made = land_spools(vendor, spools)
    finalize(made, folder.cleanup)
    return made


def _spooled(client: Client, vendor: Vendor, folder: Path) -> dict[str, Spool]:
    """Every resource that has rows, read in full. Raises the fault of one that was not whole, unless it is optional."""
    spools: dict[str, Spool] = {}
    run_id = str(uuid.uuid4())
    for resource in vendor.resources:
        slip = Slip(str(uuid.uuid4()), run_id, vendor.name)
        spool = Spool(folder / f"{resource.name}.parquet", slip.read_id)
        one = read(client, resource, slip, sink=spool)
        spool.close()
        if one.fault is not None and not resource.optional:
            raise one.fault
        if one.fault is None and spool.rows:
            spools[resource.name] = spool
    return spools
