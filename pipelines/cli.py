"""The command line (CONTRACT.md, section 2). The one module that prints and exits."""

import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.errors import Exit, NotYetError, UsageError

app = typer.Typer(
    name="orgweave",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Keeps an organisation in step across systems that know nothing of each other.",
    epilog="Start with: orgweave demo",
)

ConfigFile = Annotated[Path | None, typer.Option("--config", help="The configuration; default: orgweave.toml here.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, all else on standard error.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="More progress.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")]
Names = Annotated[list[str] | None, typer.Argument(help="Connections; default: all.", show_default=False)]
Only = Annotated[list[str] | None, typer.Option("--only", help="departments, teams or tasks; may be given again.")]


class Session:
    """One call of the command line: its screen, and the configuration once it is loaded."""

    def __init__(self, *, as_json: bool, quiet: bool, verbose: bool) -> None:
        from pipelines.screen import Screen

        self.screen = Screen(as_json=as_json, quiet=quiet, verbose=verbose)
        self.log: Path | None = None

    @contextmanager
    def run(self, config: Path | None, command: str) -> Iterator[Any]:
        """A run in the configured workspace."""
        from pipelines import config as configuration
        from pipelines.run import start

        loaded = configuration.load(configuration.find(config))
        self.log = loaded.workspace / "orgweave.log"
        with start(loaded, command, self.screen.scrubber, self.screen.say) as run:
            yield run

    @contextmanager
    def open_record(self, config: Path | None) -> Iterator[Any]:
        """The safety record of the configured workspace, to look at; no lock, for nothing is changed."""
        from pipelines import config as configuration
        from pipelines.run import new_id
        from sources.clock import SystemClock
        from state.safety import SafetyRecord

        loaded = configuration.load(configuration.find(config))
        path = loaded.workspace / "journal.sqlite"
        if not path.exists():
            raise UsageError(f"{loaded.workspace}: nothing has run here yet. What to do: orgweave pull")
        with SafetyRecord.open(path, at=SystemClock().now(), new_id=new_id) as safety:
            yield safety

    def end(self, act: Callable[["Session"], tuple[Exit, Mapping[str, Any]]]) -> None:
        """Act, show the JSON, and exit with the right code; no traceback for a user's mistake."""
        code, document = self._outcome(act)
        self.screen.result(document)
        raise typer.Exit(int(code))

    def _outcome(self, act: Callable[["Session"], tuple[Exit, Mapping[str, Any]]]) -> tuple[int, Mapping[str, Any]]:
        from state.errors import StateError
        from state.lock import Held

        try:
            code, document = act(self)
        except (UsageError, StateError) as fault:
            code, document = Exit.USAGE, self._failed(str(fault))
        except Held as fault:
            code, document = Exit.HELD, self._failed(str(fault))
        except KeyboardInterrupt:
            return 130, self._failed("interrupted; what was begun is in the journal, and the next run settles it")
        except Exception as fault:
            code, document = Exit.FAULT, self._failed(self._logged(fault))
        return int(code), document

    def _failed(self, text: str) -> dict[str, Any]:
        self.screen.fail(text)
        return {"error": self.screen.scrubber.clean(text)}

    def _logged(self, fault: Exception) -> str:
        text = self.screen.scrubber.clean("".join(traceback.format_exception(fault)))
        where = "the traceback is above"
        if self.log is not None and self.log.parent.is_dir():
            with self.log.open("a", encoding="utf-8") as log:
                log.write(text)
            where = f"the traceback is in {self.log}"
        else:
            for line in text.splitlines():
                self.screen.fail(line)
        return f"a fault of orgweave itself: {type(fault).__name__}: {fault}; {where}"


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
    port: Annotated[int, typer.Option(help="The port on 127.0.0.1; 0 takes a free one.")] = 0,
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
    """Configuration, secrets, one cheap read a connection, and what each connection may do."""
    from pipelines.inspecting import check_command

    session = Session(as_json=as_json, quiet=quiet, verbose=verbose)
    session.end(lambda session: check_command(session, config, names or []))


@app.command(epilog="Example: orgweave pull hq")
def pull(
    names: Names = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="Read everything; every read is a full one for now.")] = False,
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

    del full  # every read is a full one until deltas are there
    session = Session(as_json=as_json, quiet=quiet, verbose=verbose)
    session.end(lambda session: pull_command(session, config, names or [], accept_shrink or []))


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
_announce("review", "Proposed matches and open conflicts.")
_announce("why", "Where a canonical value comes from, back to the exchange.")
_announce("undo", "A plan that takes a run back, sparing later edits by people.")
_announce("report", "One self-contained HTML page.")


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # cron's LANG is C
    app()
