"""The command line (CONTRACT.md, section 2). The one module that prints and exits."""

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pipelines.cli_init import EXAMPLE as INIT_EXAMPLE
from pipelines.cli_init import init
from pipelines.cli_review import review
from pipelines.cli_session import Outcome, in_session
from pipelines.cli_telling import TELLING
from pipelines.cli_write import WRITING
from pipelines.errors import Exit
from pipelines.options import ConfigFile, Names
from pipelines.session import Session
from pipelines.stopping import INTERRUPTED, TERMINATED


class Commands(TyperGroup):
    """A command line that was not understood is answered in JSON too, where JSON was asked for."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **settings: Any) -> Any:
        """Run, and exit."""
        Session.begun = False
        gc.set_threshold(200_000, 20, 20)  # records come by the hundred thousand, and hardly any refer to one another
        words = sys.argv[1:] if args is None else list(args)
        try:
            return super().main(args, *rest, **settings)
        except SystemExit as ending:
            if ending.code == Exit.USAGE and "--json" in words and not Session.begun:
                print('{"error": "the command line was not understood; see standard error"}')
            raise


app = typer.Typer(
    name="orgweave",
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Keeps an organisation in step across systems that know nothing of each other.",
    epilog="Start with: orgweave demo",
)


@app.command(epilog="Example: orgweave demo")
@in_session
def demo(
    session: Session,
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where it works.")] = Path("orgweave-demo"),
) -> Outcome:
    """Show the whole loop against emulated vendors on loopback. No account, no question asked."""
    from pipelines.demo import run_demo

    return run_demo(folder, session.screen)


@app.command(epilog="Example: orgweave sandbox --port 8901")
@in_session
def sandbox(
    session: Session,
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port on 127.0.0.1; 0 takes a free one.")] = 0,
    empty: Annotated[bool, typer.Option("--empty", help="Without the demo's company.")] = False,
) -> Outcome:
    """Serve the emulated vendors until stopped, and print a configuration for them."""
    from pipelines.sandbox import serve

    return serve(port, session.screen, empty=empty)


app.command(epilog=f"Example: orgweave {INIT_EXAMPLE}")(init)


@app.command(epilog="Example: orgweave check udesk_cn, or for monitoring: orgweave check --offline --max-age 26h")
@in_session
def check(
    session: Session,
    names: Names = None,
    *,
    max_age: Annotated[
        str | None,
        typer.Option(metavar="SPAN", help="3 where the last run that read all is older, such as 26h; or never ended."),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no vendor: only the configuration and ages.")] = False,
    config: ConfigFile = None,
) -> Outcome:
    """Configuration, secrets, clock, roles, and what each connection may do, by one or two cheap reads a resource."""
    from pipelines.check import check_command

    return check_command(session, config, names or [], max_age, offline=offline)


@app.command(epilog="Example: orgweave pull hq")
@in_session
def pull(
    session: Session,
    names: Names = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="Read everything, not only what changed.")] = False,
    accept_shrink: Annotated[
        list[str] | None, typer.Option(help="Believe a much smaller list of NAME this once.")
    ] = None,
    config: ConfigFile = None,
) -> Outcome:
    """Read the vendors into the working database."""
    from pipelines.commands import pull_command

    return pull_command(session, config, names or [], accept_shrink or [], full=full)


for command, example in (*WRITING, *TELLING):
    app.command(epilog=f"Example: orgweave {example}")(command)


@app.command(epilog="Example: orgweave runs")
@in_session
def runs(
    session: Session,
    run: Annotated[str | None, typer.Argument(help="A run's id, or the start of it.", show_default=False)] = None,
    *,
    whole: Annotated[bool, typer.Option("--all", help="All runs, refused commands too, not only the last.")] = False,
    config: ConfigFile = None,
) -> Outcome:
    """What ran, what it read, what it wrote."""
    from pipelines.inspecting import runs_command

    return runs_command(session, config, run, whole=whole)


@app.command(epilog="Example: orgweave why department 'Operations / Billing' name")
@in_session
def why(
    session: Session,
    kind: Annotated[str, typer.Argument(help="department, team, task or person.")],
    ident: Annotated[
        str, typer.Argument(metavar="ID", help="Canonical id or the start of it, CONNECTION:SOURCE_ID, or the name.")
    ],
    field: Annotated[str | None, typer.Argument(help="One field; default: all.", show_default=False)] = None,
    *,
    config: ConfigFile = None,
) -> Outcome:
    """Where a canonical value comes from, back to the exchange: account, rule, run, read, what others say."""
    from pipelines.why import why_command

    return why_command(session, config, kind, ident, field)


app.add_typer(review)


def main() -> None:
    """The console script."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # a daemon may close them
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - open to the end
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # cron's LANG is C
    Session.own_process = True
    try:
        app()
    except SystemExit as ending:
        if ending.code in (INTERRUPTED, TERMINATED):  # threads that wait for a vendor's answer: nobody waits for them
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(int(ending.code))
        raise
