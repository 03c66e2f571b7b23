"""The commands that tell others what was published: a page for people, files for their tools."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli_session import Command, Outcome, in_session
from pipelines.options import ConfigFile
from pipelines.session import Session

Out = Annotated[
    Path | None, typer.Option("--out", help="Where it goes; default: org-report.html beside the published file.")
]


@in_session
def report(
    session: Session,
    *,
    out: Out = None,
    config: ConfigFile = None,
) -> Outcome:
    """One self-contained HTML page: the last run, the tree, disagreements, what waits, the history, the receipts."""
    from pipelines.report import report_command

    return report_command(session, config, out)


Parquet = Annotated[
    Path, typer.Option("--parquet", metavar="DIR", help="The folder; an older export there is replaced.")
]


@in_session
def export(
    session: Session,
    *,
    parquet: Parquet,
    config: ConfigFile = None,
) -> Outcome:
    """Every table of the published file as Parquet files, swapped in as one folder."""
    from pipelines.exporting import export_command

    return export_command(session, config, parquet)


TELLING: tuple[tuple[Command, str], ...] = (
    (report, "report --out /srv/www/org.html"),
    (export, "export --parquet /srv/data/org"),
)
"""Each command with its example."""
