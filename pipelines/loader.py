"""dlt's load of spooled records; ``python -m pipelines.loader`` does it in a process beside the run.

There dlt is imported, which takes a second, while the vendors are asked, and takes no turn from the threads that ask.
"""

import json
import os
import shutil
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from sources.spool import Spool

READY = "ready\n"
LAYOUT = "{table_name}/{load_id}.{file_id}.{ext}"


def load(raw: Path, folder: Path, connection: str, spools: Mapping[str, Spool]) -> None:
    """Load the records into ``<raw>/<connection>/<resource>``. ``folder``: where dlt keeps its own files."""
    import dlt

    from sources.landing import land_spools

    _forget(raw / connection, folder / f"land_{connection}")
    pipeline = dlt.pipeline(
        pipeline_name=f"land_{connection}",
        pipelines_dir=str(folder),
        destination=dlt.destinations.filesystem(bucket_url=raw.absolute().as_uri(), layout=LAYOUT),
        dataset_name=connection,
    )
    pipeline.run(land_spools(connection, spools))
    shutil.rmtree(folder / f"land_{connection}" / "load" / "loaded", ignore_errors=True)


def _forget(kept: Path, folder: Path) -> None:
    """Have dlt begin anew: it writes notes in place, and fails for ever on those that a kill or a full disk cut off."""
    shutil.rmtree(folder, ignore_errors=True)
    for note in kept.glob("_dlt_*/*.jsonl"):
        note.unlink()
    if kept.is_dir():
        (kept / "init").write_bytes(b"")  # without any it would make this folder, and fail


def wanted(raw: Path, folder: Path, connection: str, spools: Mapping[str, Spool]) -> str:
    """A load as a line for the process that makes it."""
    rows = {name: [str(spool.path), spool.rows] for name, spool in spools.items()}
    return json.dumps([str(raw.absolute()), str(folder.absolute()), connection, rows]) + "\n"


def _carry_out(line: str) -> str:
    raw, folder, connection, rows = json.loads(line)
    spools = {name: Spool(Path(path), "") for name, (path, _) in rows.items()}
    for name, (_, count) in rows.items():
        spools[name].rows = count
    try:
        load(Path(raw), Path(folder), connection, spools)
    except Exception:
        return traceback.format_exc()
    return ""


def _listen(lines: "SimpleQueue[str]") -> None:
    """Hand on what is asked for. Once nobody can ask any more, nothing shall be written any more either."""
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)


def main() -> None:
    """Say ``READY``, carry out the load that a line asks for, answer what went wrong (a JSON text); again and again."""
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints is no answer
    lines: SimpleQueue[str] = SimpleQueue()
    Thread(target=_listen, args=(lines,), daemon=True).start()
    import dlt.common.libs.pyarrow
    import dlt.destinations
    import dlt.sources.helpers.requests  # a load would import it

    import sources.landing

    imported: tuple[Any, ...] = (dlt, sources.landing)
    while imported:
        answers.write(READY)
        answers.flush()
        answers.write(json.dumps(_carry_out(lines.get())) + "\n")


if __name__ == "__main__":
    main()
