"""Landing: the records of whole reads go into the workspace as they came, through dlt."""

import shutil
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from threading import Thread

from sources.spool import Spool
from state.working import Working

LAYOUT = "{table_name}/{load_id}.{file_id}.{ext}"


def load_ahead() -> None:
    """Import dlt while the vendors are waited for: that takes a second, and is only done where something will land."""
    if "dlt" not in sys.modules:
        Thread(target=import_module, args=("dlt",), daemon=True).start()


def land(working: Working, workspace: Path, connection: str, spools: Mapping[str, Spool]) -> None:
    """Load the spooled records into ``raw/<connection>/<resource>``: Parquet files, which DuckDB reads where they are.

    dlt's load is no part of our transaction: one that was cut off leaves files of a read that nobody believes.
    """
    if not spools:
        return
    import dlt

    from sources.landing import land_spools

    folder = workspace / "dlt"
    pipeline = dlt.pipeline(
        pipeline_name=f"land_{connection}",
        pipelines_dir=str(folder),
        destination=dlt.destinations.filesystem(bucket_url=working.raw.folder.absolute().as_uri(), layout=LAYOUT),
        dataset_name=connection,
    )
    pipeline.abort_packages()  # of a run that was cut off; its read was never believed
    pipeline.run(land_spools(connection, spools))
    shutil.rmtree(folder / f"land_{connection}" / "load" / "loaded", ignore_errors=True)
    for notes in ("_dlt_loads", "_dlt_pipeline_state"):  # a file a load, that nobody would ever look at
        for file in (working.raw.folder / connection / notes).glob("*.jsonl"):
            file.unlink()
