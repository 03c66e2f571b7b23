"""``orgweave migrate`` on the command line."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli_session import Outcome, in_session
from pipelines.options import Accept, ConfigFile, MaxWait, Only, Yes
from pipelines.session import Session

Source = Annotated[str | None, typer.Option("--from", metavar="NAME", help="The connection to move from.")]
Target = Annotated[str | None, typer.Option("--to", metavar="NAME", help="The connection to move to.")]
Choice = Annotated[
    Path | None,
    typer.Option("--file", metavar="FILE", help="Choices in a TOML file, such as migration.toml; flags win."),
]
Into = Annotated[
    str | None, typer.Option("--as", metavar="KIND", help="Make teams of departments, or departments of teams.")
]
People = Annotated[
    Path | None, typer.Option(metavar="FILE", help="CSV: id or e-mail at the source, id or e-mail at the target.")
]
Subtree = Annotated[
    str | None, typer.Option(metavar="PATH", help="Only this department, what is below it, and what is above.")
]
Sample = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Only so many, likely to show what goes wrong; with parents.")
]
Shorten = Annotated[
    bool | None,
    typer.Option(
        "--shorten/--no-shorten", show_default=False, help="Cut names that are too long; default: not made, and told."
    ),
]
Check = Annotated[bool, typer.Option("--check", help="Compare both sides; plan and write nothing.")]
FailOnLoss = Annotated[
    list[str] | None, typer.Option(metavar="FIELD", help="4, and no write, where it is lost; may be given again.")
]
Rehearse = Annotated[
    bool | None,
    typer.Option("--rehearse/--no-rehearse", show_default=False, help="Try it on emulated vendors first; the default."),
]
AsMarkdown = Annotated[Path | None, typer.Option("--markdown", metavar="FILE", help="The report as Markdown.")]
AsCsv = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="The report as CSV.")]


@in_session
def migrate(
    session: Session,
    *,
    source: Source = None,
    target: Target = None,
    file: Choice = None,
    only: Only = None,
    into: Into = None,
    people: People = None,
    subtree: Subtree = None,
    sample: Sample = None,
    shorten: Shorten = None,
    check: Check = False,
    fail_on_loss: FailOnLoss = None,
    rehearse: Rehearse = None,
    as_markdown: AsMarkdown = None,
    as_csv: AsCsv = None,
    accept: Accept = None,
    max_wait: MaxWait = None,
    yes: Yes = False,
    config: ConfigFile = None,
) -> Outcome:
    """Move departments, teams or tasks from one account to another; what is lost is told before the first write."""
    from pipelines.migrate import migrate_command
    from pipelines.migration_file import Choices
    from pipelines.migration_options import options_of

    flags = Choices(
        *(source, target, only, into, people, subtree, sample),
        *(shorten, fail_on_loss, rehearse, as_markdown, as_csv, max_wait),
    )
    return migrate_command(session, config, options_of(flags, file, accept or [], check=check, yes=yes))
