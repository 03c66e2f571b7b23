"""The options and arguments that several commands of the command line have."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

ConfigFile = Annotated[Path | None, typer.Option("--config", help="The configuration; default: orgweave.toml here.")]


class LogForm(StrEnum):
    """How progress and errors are written on standard error."""

    PLAIN = "plain"
    JSON = "json"


Log = Annotated[
    LogForm | None,
    typer.Option(
        "--log",
        envvar="ORGWEAVE_LOG",
        show_envvar=False,
        show_default=False,
        help="Standard error as plain lines (default) or one JSON object a line; or ORGWEAVE_LOG.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, all else on standard error.")]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="No progress; sync, apply and pull: nothing at all where nothing was to do."),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="More progress.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")]
Names = Annotated[list[str] | None, typer.Argument(help="Connections; default: all.", show_default=False)]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        "--accept-changes",
        metavar="WHAT=N",
        help="Let so many changes through the limits this once, such as amm.departments.creates=7.",
    ),
]
Only = Annotated[list[str] | None, typer.Option("--only", help="departments, teams or tasks; may be given again.")]
MaxWait = Annotated[
    str | None,
    typer.Option(
        "--max-wait", metavar="SPAN", help='How long to wait for a vendor that says "later", such as 15m or 8h.'
    ),
]
