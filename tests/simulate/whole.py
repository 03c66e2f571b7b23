"""The whole command, killed by SIGKILL at its steps: pull, plan, apply, publish, with DuckDB and real sockets."""

import os
import shutil
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest

import pipelines.pull
import state.publish
from pipelines.sandbox import SECRETS
from sources.http import Wire
from state.record import Record
from state.working import Working
from tests.pipelines.conftest import land, live_by
from tests.pipelines.rig import DEPARTMENTS, LIMITS, Office
from tests.simulate.points import Points

CALMS = 3  # runs that may write once nobody kills any more
LOSSES = ("kept", "deleted", "truncated")
"""What becomes of the working file when the process dies."""


class _Steps:
    """Counts what could be the last thing a process does; at ``deadly`` it is."""

    def __init__(self, deadly: int = 0) -> None:
        self.deadly, self.count = deadly, 0

    def step(self) -> None:
        """One more."""
        self.count += 1
        if self.count == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """A function with a step before and one after it."""

        def tapped(*words: Any, **named: Any) -> Any:
            self.step()
            found = real(*words, **named)
            self.step()
            return found

        return tapped

    def within(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """A context manager with a step before its end and one after it."""

        @contextmanager
        def tapped(*words: Any, **named: Any) -> Iterator[Any]:
            with real(*words, **named) as found:
                yield found
                self.step()
            self.step()

        return tapped

    @contextmanager
    def tapping(self) -> Iterator[None]:
        """Tap the wire, both stores and the swap of the published file."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Wire, "_send", self.around(Wire._send))
            patch.setattr(Record, "_transaction", self.within(Record._transaction))
            patch.setattr(Working, "transaction", self.within(Working.transaction))
            patch.setattr(state.publish, "_swap", self.around(state.publish._swap))
            yield


class Trial:
    """An office in step, with changes that wait, which can be put back to that moment as often as one likes."""

    def __init__(self, office: Office, kept: Path, rules: str) -> None:
        self.office, self.kept = office, kept
        self.office.configure(rules + LIMITS)
        self.targets = {name: there for name, there in (("amm", office.at_amm), ("hq", office.at_hq)) if name in rules}
        ids = self.office.tree(*((f"Unit {number}",) for number in range(6)), ("Unit 0", "Below"))
        self.office.sync()
        udesk = self.office.vendors.udesk
        for number in range(3):
            udesk.rename(ids[f"Unit {number}",], f"Renamed {number}")
        udesk.rename(ids["Unit 3",], "Unit 4")
        udesk.rename(ids["Unit 4",], "Unit 3")
        for number in range(3):
            ids["new", str(number)] = udesk.add_department(f"New {number}", ids.get(("new", str(number - 1)), 0))
        shutil.copytree(self.office.folder, self.kept)
        self.truth = [deepcopy(one) for one in self._tables()]
        self.steps = self._counted()

    def _tables(self) -> list[Any]:
        vendors = self.office.vendors
        return [vendors.scalepad._departments, vendors.scalepad._once_named, vendors.nexudus._store._tables]

    def reset(self) -> None:
        """Put everything back."""
        shutil.rmtree(self.office.folder)
        shutil.copytree(self.kept, self.office.folder)
        for table, before in zip(self._tables(), self.truth, strict=True):
            table.clear()
            table.update(deepcopy(before))
        self.office.clock.sleep(3600)

    def _counted(self) -> int:
        steps = _Steps()
        with steps.tapping():
            self.office.sync()
        self.reset()
        return steps.count

    def dies(self, at: int, loss: str) -> None:
        """A sync in a process of its own that is killed at a step; then something becomes of its working file."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # later Pythons warn of threads; here they only serve
            process = os.fork()
        if process == 0:
            try:
                with _Steps(at).tapping():
                    self.office.run("sync", "--yes")
            finally:
                os._exit(0)
        os.waitpid(process, 0)
        work = self.office.workspace / "work.duckdb"
        if loss == "truncated" and work.exists():
            os.truncate(work, work.stat().st_size // 2)
            if self.office.run("sync", "--yes").code == 2:  # it says so, and names the remedy
                work.unlink()
        elif loss == "deleted":
            work.unlink(missing_ok=True)

    def recovers(self, where: str, calms: int) -> tuple[list[str], bool]:
        """What is wrong once nobody kills any more, and whether something is left to a person."""
        office, code = self.office, -1
        for _ in range(calms):
            office.clock.sleep(200)
            code = office.run("sync", "--yes").code
        before = office.writes()
        office.clock.sleep(200)
        code = office.run("sync", "--yes").code
        wrong = [f"{where}: the last run still writes"] if office.writes() != before else []
        names = sorted(name for name, _ in office.vendors.udesk.departments.values())
        for told, there in self.targets.items():
            if there() != names:
                wrong.append(f"{where}: {told} has {there()}, not {names}")
        return wrong, code != 0


def killed_everywhere(until: float, seed: int, *, rules: str = DEPARTMENTS, calms: int = CALMS) -> Points:
    """Kill at one step after the other, in an order that the seed draws, until ``until`` (monotonic), once at least.

    ``calms``: runs that may write once nobody kills any more.
    """
    found, rng = Points("whole"), Random(seed)  # noqa: S311 - a replay must draw the same
    environment = dict(os.environ)
    os.environ.update(SECRETS)
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        Path(folder, "office").mkdir()
        patch.setattr(pipelines.pull, "land", land)
        office = Office(Path(folder, "office"))
        live_by(office.clock, patch)
        made = Trial(office, Path(folder, "kept"), rules)
        order = [(step, loss) for step in range(1, made.steps + 1) for loss in LOSSES]
        rng.shuffle(order)
        patch.setattr(office.server._server, "handle_error", lambda *_: None)  # clients that die leave half a request
        with office.server:
            for step, loss in order:
                if found.tried and time.monotonic() >= until:
                    break
                made.reset()
                made.dies(step, loss)
                wrong, left = made.recovers(f"step {step} of {made.steps}, working file {loss}", calms)
                found.tried, found.left = found.tried + 1, found.left + left
                found.violations += wrong
    os.environ.clear()
    os.environ.update(environment)
    return found
