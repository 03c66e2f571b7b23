"""The command line (CONTRACT.md, section 2). The one module that prints and exits."""

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pipelines.cli_review import review
from pipelines.errors import Exit, NotYetError
from pipelines.options import AsJson, ConfigFile, Names, Only, Quiet, Verbose, Yes
from pipelines.session import Session


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
def demo(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where it works.")] = Path("orgweave-demo"),
    *,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Show the whole loop against emulated vendors on loopback. No account, no question asked."""
    from pipelines.demo import run_demo

    Session(as_json=as_json, quiet=quiet, verbose=verbose).end(lambda session: run_demo(folder, session.screen))


@app.command(epilog="Example: orgweave sandbox --port 8901")
def sandbox(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port on 127.0.0.1; 0 takes a free one.")] = 0,
    empty: Annotated[bool, typer.Option("--empty", help="Without the demo's company.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Serve the emulated vendors until stopped, and print a configuration for them."""
    from pipelines.sandbox import serve

    session = Session(as_json=as_json, quiet=quiet, verbose=verbose)
    session.end(lambda session: serve(port, session.screen, empty=empty))


@app.command(epilog="Example: orgweave init")
def init(*, config: ConfigFile = None, as_json: AsJson = False, quiet: Quiet = False, verbose: Verbose = False) -> None:
    """Write a commented orgweave.toml. Never overwrites."""
    from pipelines.init import write_config

    Session(as_json=as_json, quiet=quiet, verbose=verbose).end(lambda session: write_config(config, session.screen))


@app.command(epilog="Example: orgweave check udesk_cn")
def check(
    names: Names = None,
    *,
    config: ConfigFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Configuration, secrets, clock, roles, and what each connection may do, by one or two cheap reads a resource."""
    from pipelines.check import check_command

    session = Session(as_json=as_json, quiet=quiet, verbose=verbose)
    session.end(lambda session: check_command(session, config, names or []))


@app.command(epilog="Example: orgweave pull hq")
def pull(
    names: Names = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="Read everything, not only what changed.")] = False,
    accept_shrink: Annotated[
        list[str] | None, typer.Option(help="Believe a much smaller list of NAME this once.")
    ] = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Read the vendors into the working database."""
    from pipelines.commands import pull_command

    session = Session(as_json=as_json, quiet=quiet, verbose=verbose)
    session.end(lambda session: pull_command(session, config, names or [], accept_shrink or [], full=full))


@app.command(epilog="Example: orgweave plan --to amm --only departments --out plan.json")
def plan(
    *,
    to: Annotated[list[str] | None, typer.Option(help="A target; may be given again.")] = None,
    only: Only = None,
    out: Annotated[Path | None, typer.Option(help="Also write the sealed plan here.")] = None,
    detailed_exitcode: Annotated[bool, typer.Option("--detailed-exitcode", help="10 when changes are ready.")] = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Reconcile and write a sealed plan. Touches no vendor's data."""
    from pipelines.commands import PlanOptions, plan_command

    options = PlanOptions(to or [], only or [], out, detailed_exitcode)
    session = Session(as_json=as_json, quiet=quiet, verbose=verbose)
    session.end(lambda session: plan_command(session, config, options))


@app.command(epilog="Example: orgweave apply plan.json --yes")
def apply(
    file: Annotated[Path | None, typer.Argument(help="A sealed plan; default: the newest.", show_default=False)] = None,
    *,
    yes: Yes = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Apply a sealed plan, and read back what was written."""
    from pipelines.commands import apply_command

    session = Session(as_json=as_json, quiet=quiet, verbose=verbose)
    session.end(lambda session: apply_command(session, config, file, yes=yes))


@app.command(epilog="Example, for cron: orgweave sync --yes --config /etc/orgweave/orgweave.toml")
def sync(
    *,
    yes: Yes = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Pull, plan, apply, verify, publish: the line for cron."""
    from pipelines.commands import sync_command

    Session(as_json=as_json, quiet=quiet, verbose=verbose).end(lambda session: sync_command(session, config, yes=yes))


@app.command(epilog="Example: orgweave runs")
def runs(
    run: Annotated[str | None, typer.Argument(help="A run's id, or the start of it.", show_default=False)] = None,
    *,
    config: ConfigFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """What ran, what it read, what it wrote."""
    from pipelines.inspecting import runs_command

    Session(as_json=as_json, quiet=quiet, verbose=verbose).end(lambda session: runs_command(session, config, run))


@app.command(epilog="Example: orgweave why department 'Europe / Support' name")
def why(
    kind: Annotated[str, typer.Argument(help="department, team, task or person.")],
    ident: Annotated[
        str, typer.Argument(metavar="ID", help="Canonical id or the start of it, CONNECTION:SOURCE_ID, or the name.")
    ],
    field: Annotated[str | None, typer.Argument(help="One field; default: all.", show_default=False)] = None,
    *,
    config: ConfigFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Where a canonical value comes from, back to the exchange: account, rule, run, read, what others say."""
    from pipelines.why import why_command

    session = Session(as_json=as_json, quiet=quiet, verbose=verbose)
    session.end(lambda session: why_command(session, config, kind, ident, field))


app.add_typer(review)


def _announce(name: str, does: str) -> None:
    """Declare a command of the contract that this version does not have yet."""

    def later(context: typer.Context) -> None:
        def refuse(_: Session) -> tuple[Exit, Mapping[str, Any]]:
            raise NotYetError(f"orgweave {name}")

        Session(as_json="--json" in context.args, quiet=False, verbose=False).end(refuse)

    later.__doc__ = f"{does} Not there yet."
    settings = {"allow_extra_args": True, "ignore_unknown_options": True}
    app.command(name=name, context_settings=settings)(later)


_announce("migrate", "One-off move between two connections, with a loss report.")
_announce("undo", "A plan that takes a run back, sparing later edits by people.")
_announce("report", "One self-contained HTML page.")


def main() -> None:
    """The console script."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # a daemon may close them
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - open to the end
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # cron's LANG is C
    app()
