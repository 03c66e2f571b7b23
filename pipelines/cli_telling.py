"""The commands that tell others what was published: a page for people, files for their tools."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli_write import Command
from pipelines.options import AsJson, ConfigFile, Log, Quiet, Verbose
from pipelines.session import Session

Out = Annotated[
    Path | None, typer.Option("--out", help="Where it goes; default: org-report.html beside the published file.")
]


def report(
    *,
    out: Out = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
    log: Log = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """One self-contained HTML page: the last run, the tree, disagreements, what waits, the history, the receipts."""
    from pipelines.report import report_command

    Session(as_json=as_json, log=log, quiet=quiet, verbose=verbose).end(
        lambda session: report_command(session, config, out)
    )


Parquet = Annotated[
    Path, typer.Option("--parquet", metavar="DIR", help="The folder; an older export there is replaced.")
]


def export(
    *,
    parquet: Parquet,
    config: ConfigFile = None,
    as_json: AsJson = False,
    log: Log = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Every table of the published file as Parquet files, swapped in as one folder."""
    from pipelines.exporting import export_command

    Session(as_json=as_json, log=log, quiet=quiet, verbose=verbose).end(
        lambda session: export_command(session, config, parquet)
    )


TELLING: tuple[tuple[Command, str], ...] = (
    (report, "report --out /srv/www/org.html"),
    (export, "export --parquet /srv/data/org"),
)
"""Each command with its example."""
