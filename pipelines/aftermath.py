"""What follows from a run's ending, whatever it was: numbers are written, somebody is told, what is old goes.

Nothing of it fails a run, or changes how it ends: what goes wrong here is a warning.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pipelines import metrics, notify, reasons, trimming
from pipelines.config import Config
from pipelines.run import Run
from pipelines.screen import Screen
from pipelines.stopping import INTERRUPTED, TERMINATED, code_of
from sources.clock import SystemClock
from state.lock import Held


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a command ended. ``run_id`` is None where no run began."""

    command: str
    run_id: str | None
    code: int


@contextmanager
def attended(run: Run, command: str, screen: Screen) -> Iterator[None]:
    """See to what follows from the ending of the block, which is the whole of a run."""
    try:
        yield
    except BaseException as fault:
        code = code_of(fault)
        _try("run", screen, lambda: run.end(code))  # the record itself may be what failed
        _follow(run, _Ended(command, run.run_id, code), screen, fault)
        raise
    run.end()
    for reason in reasons.unread(run) if screen.quiet else ():  # else a line of progress told it
        screen.fail(reason)
    _follow(run, _Ended(command, run.run_id, int(run.exit)), screen, None)


def unopened(config: Config, command: str, screen: Screen, fault: Exception) -> None:
    """See to what follows where a run could not begin; another run that holds the workspace is no fault."""
    if isinstance(fault, Held):
        return
    code = code_of(fault)
    told = notify.Ending(command, None, code, SystemClock().now(), reasons.of_fault(fault), {})
    _try("notify", screen, lambda: notify.tell(config, told, screen))


def _follow(run: Run, ended: _Ended, screen: Screen, fault: BaseException | None) -> None:
    operating = run.config.operating
    if operating.metrics is not None:
        _try("metrics", screen, lambda: metrics.write(run, ended.command, ended.code))
    stopped = ended.code in (INTERRUPTED, TERMINATED)  # somebody did that, and knows
    if operating.notify.wants(ended.command) and not stopped:
        _try("notify", screen, lambda: notify.tell(run.config, _ending(run, ended, fault), screen))
    _try("keep_runs", screen, lambda: trimming.trim(run))


def _ending(run: Run, ended: _Ended, fault: BaseException | None) -> notify.Ending:
    told: Sequence[str] = reasons.of_fault(fault) if fault else reasons.of_run(run)
    return notify.Ending(
        ended.command, ended.run_id, ended.code, run.clock.now(), tuple(told), reasons.counts(run, ended.code)
    )


def _try(what: str, screen: Screen, step: Callable[[], None]) -> None:
    try:
        step()
    except Exception as fault:  # a run that did its work is not failed by what comes after
        line = next(iter(str(fault).splitlines()), "")
        screen.warn(f"{what}: {type(fault).__name__}: {line}")
