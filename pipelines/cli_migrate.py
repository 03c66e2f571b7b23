"""``orgweave migrate`` on the command line."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.options import Accept, AsJson, ConfigFile, Log, MaxWait, Only, Quiet, Verbose, Yes
from pipelines.session import Session


def migrate(
    *,
    source: Annotated[str, typer.Option("--from", metavar="NAME", help="The connection to move from.")],
    target: Annotated[str, typer.Option("--to", metavar="NAME", help="The connection to move to.")],
    only: Only = None,
    into: Annotated[
        str | None, typer.Option("--as", metavar="KIND", help="Make teams of departments, or departments of teams.")
    ] = None,
    people: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="CSV: id or e-mail at the source, id or e-mail at the target."),
    ] = None,
    subtree: Annotated[
        str | None, typer.Option(metavar="PATH", help="Only this department, what is below it, and what is above.")
    ] = None,
    sample: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only so many, likely to show what goes wrong; with parents.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Compare both sides; plan and write nothing.")] = False,
    fail_on_loss: Annotated[
        list[str] | None, typer.Option(metavar="FIELD", help="4, and no write, where it is lost; may be given again.")
    ] = None,
    no_rehearse: Annotated[
        bool, typer.Option("--no-rehearse", help="Do not try it on emulated vendors first.")
    ] = False,
    as_markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="The report as Markdown.")
    ] = None,
    as_csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="The report as CSV.")] = None,
    accept: Accept = None,
    max_wait: MaxWait = None,
    yes: Yes = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
    log: Log = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Move departments, teams or tasks from one account to another; what is lost is told before the first write."""
    from pipelines.migrate import Options, migrate_command

    options = Options(
        source=source,
        target=target,
        only=only or [],
        into=into,
        people=people,
        subtree=subtree,
        sample=sample,
        fail_on_loss=fail_on_loss or [],
        markdown=as_markdown,
        csv=as_csv,
        accept=accept or [],
        max_wait=max_wait,
        check=check,
        rehearse=not no_rehearse,
        yes=yes,
    )
    session = Session(as_json=as_json, log=log, quiet=quiet, verbose=verbose)
    session.end(lambda session: migrate_command(session, config, options))
