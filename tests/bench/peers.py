"""One peer as a process of its own: ``python -m tests.bench.peers NAME URL FOLDER``.

It brings all tasks into FOLDER/peer.duckdb and prints how many rows stand there. Libraries are imported where they are
needed: what a way does not use must not count against it.
"""

import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.ways import Way

if TYPE_CHECKING:
    from dlt.pipeline.pipeline import Pipeline

FILE = "peer.duckdb"
DATASET = "main"


def floor(url: str, folder: Path) -> None:
    """Arrow tables inserted by hand, in one transaction; dlt is not there at all."""
    import duckdb

    from tests.bench.arrow import tables

    with duckdb.connect(str(folder / FILE)) as db:
        db.begin()
        for number, table in enumerate(tables(url)):
            db.register("page", table)
            db.execute("INSERT INTO tasks FROM page" if number else "CREATE TABLE tasks AS FROM page")
            db.unregister("page")
        db.commit()


def declarative(url: str, folder: Path, *, file_format: str | None) -> None:
    """dlt's own ``rest_api`` source, which needs no code; ``file_format`` None is its default loader."""
    from dlt.sources.rest_api import rest_api_source

    from tests.bench.arrow import PATH, QUERY

    source = rest_api_source(
        {
            "client": {
                "base_url": url,
                "auth": {"type": "bearer", "token": "tok-000"},
                "paginator": {
                    "type": "page_number",
                    "base_page": 1,
                    "page_param": "page",
                    "total_path": "TotalPages",
                },
            },
            "resources": [
                {
                    "name": "tasks",
                    "primary_key": "Id",
                    "endpoint": {"path": PATH.strip("/"), "params": {**QUERY}, "data_selector": "Records"},
                }
            ],
        }
    )
    _pipeline(folder).run(source, loader_file_format=file_format)


def arrow(url: str, folder: Path, *, disposition: str) -> None:
    """dlt fed with Arrow tables by concurrent fetches."""
    import dlt

    from tests.bench.arrow import tables

    resource = dlt.resource(tables(url), name="tasks", write_disposition=disposition, primary_key="Id")
    _pipeline(folder).run(resource)


PEERS: Mapping[Way, Callable[[str, Path], None]] = {
    Way.FLOOR: floor,
    Way.ARROW_APPEND: partial(arrow, disposition="append"),
    Way.ARROW_MERGE: partial(arrow, disposition="merge"),
    Way.PARQUET: partial(declarative, file_format="parquet"),
    Way.DEFAULT: partial(declarative, file_format=None),
}


def _pipeline(folder: Path) -> "Pipeline":
    import dlt

    made: Any = dlt.pipeline(
        pipeline_name="bench",
        pipelines_dir=str(folder / "dlt"),
        destination=dlt.destinations.duckdb(str(folder / FILE)),
        dataset_name=DATASET,
    )
    return made


def main() -> None:
    """Run one peer."""
    name, url, place = sys.argv[1:]
    folder = Path(place)
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": str(folder / "dlt-home")}
    PEERS[Way(name)](url, folder)

    import duckdb

    with duckdb.connect(str(folder / FILE), read_only=True) as db:
        (rows,) = db.execute("SELECT count(*) FROM main.tasks").fetchone() or (0,)
    sys.stdout.write(f"{rows}\n")


if __name__ == "__main__":
    main()
