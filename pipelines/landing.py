"""Landing: the records of whole reads go into the working database as they came, through dlt."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from sources.reading import Read
from state.working import Working

COLUMNS = pa.schema(
    [("read_id", pa.string()), ("page", pa.int64()), ("source_id", pa.string()), ("record", pa.string())]
)
"""A raw table: the read that brought a record, its page in it, the vendor's id, and the record's own JSON."""


def land(working: Working, workspace: Path, connection: str, reads: Sequence[Read]) -> None:
    """Load the reads' records into ``raw_<connection>.<resource>``, a table a resource.

    Rows only count once their read is accepted: a load that was cut off leaves rows that nobody reads.
    """
    if not reads:
        return
    import dlt

    folder = workspace / "dlt"
    pipeline = dlt.pipeline(
        pipeline_name=f"land_{connection}",
        pipelines_dir=str(folder),
        destination=dlt.destinations.duckdb(working.db),
        dataset_name=f"raw_{connection}",
    )
    pipeline.abort_packages()  # of a run that was cut off; its read was never accepted
    pipeline.run(
        [
            dlt.resource(_tables(read), name=read.receipt.resource, write_disposition="append", max_table_nesting=0)
            for read in reads
        ]
    )
    shutil.rmtree(folder / f"land_{connection}" / "load" / "loaded", ignore_errors=True)


def _tables(read: Read) -> Iterator[pa.Table]:
    for number, page in enumerate(read.pages or ((),)):
        yield pa.table(
            [
                pa.array([read.receipt.read_id] * len(page), pa.string()),
                pa.array([number] * len(page), pa.int64()),
                pa.array([row.source_id for row in page], pa.string()),
                pa.array([row.record for row in page], pa.string()),
            ],
            schema=COLUMNS,
        )
