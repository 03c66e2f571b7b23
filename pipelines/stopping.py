"""Ctrl-C and SIGTERM: what is under way at a vendor ends and is journalled first, nothing more is begun."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from pipelines.errors import Exit, UsageError
from sources.errors import BrokenVendor
from state.errors import StateError

if TYPE_CHECKING:  # every command looks at this module, few open a run
    from pipelines.run import Run


INTERRUPTED, TERMINATED = 130, 143


class Terminated(KeyboardInterrupt):
    """SIGTERM came where nothing is under way at a vendor."""


def code_of(fault: BaseException) -> int:
    """The exit code of a command that a fault ends."""
    if isinstance(fault, (UsageError, StateError, BrokenVendor)):
        return Exit.USAGE
    if isinstance(fault, Terminated):
        return TERMINATED
    return INTERRUPTED if isinstance(fault, KeyboardInterrupt) else Exit.FAULT


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does: files are closed, and the lock is given back."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise Terminated

    with _handling({signal.SIGTERM: end}):
        yield


@contextmanager
def letting_end(run: "Run") -> Iterator[None]:
    """Let the writes that are under way end when somebody stops the run; a second signal interrupts them."""

    def stop(number: int, _frame: FrameType | None) -> None:
        name = signal.Signals(number).name
        if run.stopped:
            raise Terminated if number == signal.SIGTERM else KeyboardInterrupt
        run.stopped = f"stopped by {name} before it; apply goes on with it"
        run.say(f"{name}: the writes that are under way end first, nothing more is begun")

    with _handling({signal.SIGTERM: stop, signal.SIGINT: stop}):
        yield


@contextmanager
def _handling(handlers: dict[signal.Signals, object]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # Python handles signals nowhere else
        yield
        return
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}  # type: ignore[arg-type]
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
