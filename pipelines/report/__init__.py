"""``orgweave report``: one self-contained page on what the last run published; it reads the published file alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import config as configuration
from pipelines.errors import Exit, UsageError
from pipelines.place import write_whole
from pipelines.report.document import document
from pipelines.report.page import page
from state.published import open_published

if TYPE_CHECKING:
    from pipelines.session import Session

FILE = "org-report.html"


def report_command(session: "Session", config: Path | None, out: Path | None) -> tuple[Exit, Mapping[str, Any]]:
    """``orgweave report``: write the page beside the published file, or where ``out`` says."""
    loaded = configuration.load(configuration.find(config))
    if not loaded.publish.exists():
        raise UsageError(f"{loaded.publish}: is not there yet: nothing was published here. What to do: orgweave pull")
    place = out or loaded.publish.with_name(FILE)
    with open_published(loaded.publish) as published:
        told = document(published, loaded.publish.name)
    size = write_whole(place, page(told), like=loaded.publish)
    session.screen.show(f"the report is {place}")
    last = told["runs"][0] if told["runs"] else None
    return Exit.DONE, {
        "report": str(place),
        "bytes": size,
        "run_id": last["run_id"] if last else None,
        "departments": sum(map(bool, told["departments"]["active"])),
        "waiting": told["proposals"]["of_all"] + told["conflicts"]["of_all"] + told["left_over"]["of_waiting"],
        "left_over": told["left_over"]["of_all"],
        "differences": told["differences"]["of_all"],
    }
