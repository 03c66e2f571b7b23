"""One call of the command line: its screen, its run, and how it ends."""

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import typer

from pipelines.errors import Exit, Unsound, UsageError
from pipelines.stopping import code_of, terminable

READING = ("pull", "sync")
UNATTENDED = ("pull", "apply", "sync")  # what cron runs: of them the quiet want to hear only what happened


class Session:
    """One call of the command line: its screen, and the configuration once it is loaded."""

    begun: ClassVar[bool] = False  # whether a command was understood
    own_process: ClassVar[bool] = False  # whether this process is there for it alone: it may have others beside it

    def __init__(self, *, as_json: bool, quiet: bool, verbose: bool, log: str | None = None) -> None:
        from pipelines.screen import Screen

        Session.begun = True
        self.screen = Screen(as_json=as_json, quiet=quiet, verbose=verbose, json_log=log == "json")
        self.log: Path | None = None
        self._idle = False  # a run that ended well and wrote nothing

    @contextmanager
    def run(self, config: Path | None, command: str) -> Iterator[Any]:
        """A run in the configured workspace; what follows from its ending is seen to before the lock is given back."""
        from pipelines import config as configuration
        from pipelines.aftermath import attended, unopened
        from pipelines.landing import load_ahead
        from pipelines.run import start
        from state.working import FILE

        loaded = configuration.load(configuration.find(config))
        self.log = loaded.workspace / "orgweave.log"
        if self.screen.quiet and command in UNATTENDED:
            self.screen.hold()
        first = command in READING and not (loaded.workspace / FILE).exists()
        try:
            with load_ahead(wanted=first), start(loaded, command, self.screen.scrubber, self.screen.say) as run:
                self.screen.run_id = run.run_id
                run.detail, run.warn = self.screen.detail, self.screen.warn
                with attended(run, command, self.screen):
                    yield run
                self._idle = run.exit == Exit.DONE and not any(run.summary.get("apply", {}).values())
        except Exception as fault:
            if self.screen.run_id is None:
                unopened(loaded, command, self.screen, fault)
            raise

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
        self.screen.release(silent=self._idle and code == Exit.DONE)
        if document:  # the sandbox gave its own when it began to serve
            self.screen.result(document)
        raise typer.Exit(int(code))

    def _outcome(self, act: Callable[["Session"], tuple[Exit, Mapping[str, Any]]]) -> tuple[int, Mapping[str, Any]]:
        from sources.errors import BrokenVendor
        from state.errors import StateError
        from state.lock import Held

        try:
            with terminable():
                code, document = act(self)
        except (UsageError, StateError, BrokenVendor) as fault:
            code, document = Exit.USAGE, self._failed(str(fault))
            if candidates := getattr(fault, "candidates", None):
                for one, name in candidates.items():
                    self.screen.fail(f"  {one}  {name}")
                document = {**document, "candidates": dict(candidates)}
        except Held as fault:
            code, document = Exit.HELD, self._failed(str(fault))
        except Unsound as fault:
            for line in fault.lines[:-1]:
                self.screen.fail(line)
            code, document = Exit.FAULT, {**self._failed(fault.lines[-1]), "audits": fault.audits}
        except KeyboardInterrupt as signal:
            begun = "; what was begun is in the journal, and the next run settles it" if self.screen.run_id else ""
            return code_of(signal), self._failed(f"interrupted{begun}")
        except Exception as fault:
            code, document = Exit.FAULT, self._failed(self._logged(fault))
        return int(code), document

    def _failed(self, text: str) -> dict[str, Any]:
        self.screen.fail(text)
        return {"error": self.screen.scrubber.clean(text)}

    def _logged(self, fault: Exception) -> str:
        from sources.registry import culprit

        text = self.screen.scrubber.clean("".join(traceback.format_exception(fault)))
        where = "the traceback is above"
        try:
            if self.log is None or not self.log.parent.is_dir():
                raise FileNotFoundError
            with self.log.open("a", encoding="utf-8") as log:
                log.write(text)
            where = f"the traceback is in {self.log}"
        except OSError:  # no workspace yet, or its disk is full, which may be the fault itself
            for line in text.splitlines():
                self.screen.fail(line)
        line = next(iter(str(fault).splitlines()), "")
        whose = f"a fault of {culprit(fault) or 'orgweave itself'}"
        return f"{whose}: {type(fault).__name__}: {line}; {where}"
