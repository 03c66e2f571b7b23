"""``orgweave init`` on the command line."""

from typing import Annotated

import typer

from pipelines.cli_session import Outcome, in_session
from pipelines.options import ConfigFile
from pipelines.session import Session

EXAMPLE = "init --account hq=nexudus:https://spaces.nexudus.com,business_id=123 --secrets"


@in_session
def init(
    session: Session,
    *,
    accounts: Annotated[
        list[str] | None,
        typer.Option("--account", metavar="NAME=VENDOR[:URL][,KEY=VALUE]", help="An account; may be given again."),
    ] = None,
    authority: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Whose values win, first first; default: the first account."),
    ] = None,
    write_to: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Who may be written to; default: nobody.")
    ] = None,
    sandbox: Annotated[
        int | None,
        typer.Option(min=1, max=65535, metavar="PORT", help="For: orgweave sandbox --port PORT, with its secrets."),
    ] = None,
    secrets: Annotated[
        bool, typer.Option("--secrets", help="Ask for the secrets, unseen, and keep them in .dlt/secrets.toml.")
    ] = False,
    config: ConfigFile = None,
) -> Outcome:
    """Write a commented orgweave.toml: asked for on a terminal, or of options. Never overwrites."""
    from pipelines.init import Options, init_command

    options = Options(accounts or [], authority or [], write_to or [], sandbox, secrets)
    return init_command(config, options, session.screen)
