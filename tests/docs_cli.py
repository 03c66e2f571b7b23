"""``docs/cli.md``: every command's own help, as the command line shows it."""

from collections.abc import Iterator
from typing import Any

import typer
from typer.main import get_command

from pipelines.cli import app

WIDTH = 100
_HEAD = """# The command line

Written by `make docs` from the help that the commands show themselves (`orgweave COMMAND --help`); a test compares
them. How to run it by cron, and what its exit codes mean: [operate.md](operate.md).

Shell completion: `orgweave --install-completion` (bash, zsh, fish, PowerShell), then a new shell; `--show-completion`
shows what it would install."""


def cli() -> str:
    """The whole document."""
    return "\n\n".join([_HEAD, *_commands(get_command(app), None, "orgweave")]) + "\n"


def _commands(command: Any, above: typer.Context | None, name: str) -> Iterator[str]:
    width = {"terminal_width": WIDTH, "max_content_width": WIDTH}
    context = typer.Context(command, info_name=name, parent=above, **{**command.context_settings, **width})
    yield f"{'#' * (2 if above is None or above.parent is None else 3)} {context.command_path}"
    yield f"```text\n{command.get_help(context).rstrip()}\n```"
    for inner, one in getattr(command, "commands", {}).items():
        yield from _commands(one, context, inner)
