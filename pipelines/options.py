"""The options and arguments that several commands of the command line have."""

from pathlib import Path
from typing import Annotated

import typer

ConfigFile = Annotated[Path | None, typer.Option("--config", help="The configuration; default: orgweave.toml here.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, all else on standard error.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="More progress.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")]
Names = Annotated[list[str] | None, typer.Argument(help="Connections; default: all.", show_default=False)]
Only = Annotated[list[str] | None, typer.Option("--only", help="departments, teams or tasks; may be given again.")]
