"""Landing: the records of whole reads go into the working database as they came, through dlt."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from sources.reading import Read
from state.working import Working


def land(working: Working, workspace: Path, connection: str, reads: Sequence[Read]) -> None:
    """Load the reads' records into ``raw_<connection>.<resource>``, a table a resource.

    dlt's load is no part of our transaction: one that was cut off leaves rows of a read that nobody accepted.
    """
    if not reads:
        return
    import dlt

    from sources.landing import land_reads

    folder = workspace / "dlt"
    pipeline = dlt.pipeline(
        pipeline_name=f"land_{connection}",
        pipelines_dir=str(folder),
        destination=dlt.destinations.duckdb(working.db),
        dataset_name=f"raw_{connection}",
    )
    pipeline.abort_packages()  # of a run that was cut off; its read was never accepted
    pipeline.run(land_reads(connection, reads))
    shutil.rmtree(folder / f"land_{connection}" / "load" / "loaded", ignore_errors=True)
