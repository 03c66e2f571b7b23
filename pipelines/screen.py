"""What a command shows: one JSON object or text on standard output, progress and errors on standard error."""

import json
import os
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import IO, Any

from rich.console import Console, RenderableType

from mappings.plan import jsonable
from pipelines.explain import printable
from sources.secret import Scrubber

WIDTH = 80


class _Console(Console):
    """Goes on where nobody listens any more (``| head``): a run must not end between two writes for that."""

    def on_broken_pipe(self) -> None:
        """From now on what is said goes nowhere."""
        _unheard(self.file)


def _unheard(stream: IO[str]) -> None:
    with suppress(OSError, ValueError):  # no file of the system
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _unheard(sys.stdout)


class Screen:
    """The two streams of a command. ``scrubber`` cleans every line of progress and every error."""

    def __init__(
        self, *, as_json: bool = False, quiet: bool = False, verbose: bool = False, json_log: bool = False
    ) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self.verbose = verbose
        self.json_log = json_log
        self.run_id: str | None = None
        self._held: list[RenderableType] | None = None
        self.scrubber = Scrubber()
        self.terminal = sys.stderr.isatty()
        width = None if sys.stdout.isatty() else WIDTH
        self._out = _Console(width=width, highlight=False, emoji=False, soft_wrap=False)
        self._err = _Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)

    def say(self, line: str) -> None:
        """A line of progress; with its time where nobody watches."""
        if not self.quiet:
            self._log("info", line)

    def detail(self, line: str) -> None:
        """A line for those who asked for more."""
        if self.verbose and not self.quiet:
            self._log("debug", line)

    def warn(self, text: str) -> None:
        """What went wrong beside the command, which ends as if it had not: shown even to the quiet."""
        self._log("warning", text)

    def fail(self, text: str) -> None:
        """An error: shown even to the quiet."""
        self._log("error", text)

    def _log(self, level: str, text: str) -> None:
        message = printable(self.scrubber.clean(text))
        at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        if self.json_log:
            told = {"at": at, "level": level, "message": message}
            told |= {"run_id": self.run_id} if self.run_id else {}
            sys.stderr.write(json.dumps(told, ensure_ascii=False) + "\n")
            sys.stderr.flush()
            return
        stamp = "" if self.terminal else f"{at} "
        name = "orgweave: " if level in ("warning", "error") else ""
        self._err.print(f"{stamp}{name}{message}", markup=False)

    def show(self, *things: RenderableType) -> None:
        """The result, for a person; nothing where JSON is asked for. Text is not wrapped: it may be copied."""
        if self.as_json:
            return
        if self._held is not None:
            self._held += things
            return
        for thing in things:
            self._put(thing)

    def _put(self, thing: RenderableType) -> None:
        """Show one thing; without the blanks that fill a table up to its width, where no screen is to be filled."""
        if isinstance(thing, str) or self._out.is_terminal:
            self._out.print(thing, markup=False, soft_wrap=isinstance(thing, str))
            return
        with self._out.capture() as taken:
            self._out.print(thing, markup=False)
        _write(re.sub(" +\n", "\n", taken.get()))

    def hold(self) -> None:
        """Keep what is shown from now on until it is known whether it is worth a word."""
        self._held = []

    def release(self, *, silent: bool = False) -> None:
        """Show what was held, or (``silent``) forget it."""
        held, self._held = self._held, None
        self.show(*(() if silent or held is None else held))

    def result(self, document: Mapping[str, Any]) -> None:
        """The result, for a program: exactly one JSON object."""
        if self.as_json:
            _write(json.dumps(jsonable(document), ensure_ascii=False) + "\n")

    def consent(self, question: str) -> bool:
        """Ask on the terminal for a typed yes; without a terminal the answer is no."""
        if self.as_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
            return False
        return (self.ask(f"{question} Type yes or y to go on: ") or "").lower() in ("yes", "y")

    @property
    def converses(self) -> bool:
        """Whether somebody sits there who can be asked."""
        return not self.as_json and sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()

    def ask(self, question: str) -> str | None:
        """The line that is typed in answer to a question; None where the input has ended."""
        self.release()  # who is asked must see what it is about
        self._err.print(printable(question), markup=False, end="")
        line = sys.stdin.readline()
        return line.strip() if line else None
