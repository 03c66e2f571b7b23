"""``orgweave export``: the published tables for tools that read no DuckDB."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import config as configuration
from pipelines.errors import Exit, UsageError
from state.exporting import export_parquet

if TYPE_CHECKING:
    from pipelines.session import Session


def export_command(session: "Session", config: Path | None, folder: Path) -> tuple[Exit, Mapping[str, Any]]:
    """``orgweave export --parquet DIR``; it reads the published file alone, and takes no lock."""
    loaded = configuration.load(configuration.find(config))
    if not loaded.publish.exists():
        raise UsageError(f"{loaded.publish}: is not there yet: nothing was published here. What to do: orgweave pull")
    place = folder.absolute()
    if place == loaded.workspace.absolute() or loaded.workspace.absolute() in place.parents:
        raise UsageError(f"{folder}: is the workspace. What to do: name a folder beside it")
    counts = export_parquet(loaded.publish, folder, version=version("orgweave"))
    session.screen.show(f"{len(counts)} tables, {sum(counts.values())} rows, are in {folder}")
    return Exit.DONE, {"folder": str(folder), "tables": counts}
