"""One run of one command: the lock, the stores, the clients, and the row that ``ops.runs`` keeps of it."""

import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.budget import Budget
from pipelines.config import Config, ConnectionConfig
from pipelines.errors import Exit, UsageError
from pipelines.stopping import code_of
from sources.clock import Clock, SystemClock
from sources.registry import broken
from sources.secret import Scrubber, Secret
from sources.vendor import Client, Connection
from state.history import restore
from state.lock import lock
from state.record import AFRESH
from state.safety import SafetyRecord
from state.working import FILE as WORKING_FILE
from state.working import Working

Say = Callable[[str], None]
"""Where progress goes: a line at a time."""


def new_id() -> str:
    """An id that nobody else has."""
    return str(uuid.uuid4())


@dataclass(slots=True)
class Run:
    """What a command works with. ``exit`` and ``summary`` are what it ends with."""

    config: Config
    run_id: str
    safety: SafetyRecord
    working: Working
    clock: Clock
    scrubber: Scrubber
    say: Say
    detail: Say = lambda _: None  # for those who asked for more
    warn: Say = lambda _: None  # what went wrong beside the run: for the quiet too
    exit: Exit = Exit.DONE
    patience: timedelta = timedelta()  # how long an apply waits for a vendor that says "later"
    fresh: timedelta = timedelta()  # how old a whole read of this run may be to stand for the list before creates
    stopped: str = ""  # who wants the run to stop, and how; what is under way ends first
    summary: dict[str, Any] = field(default_factory=dict)
    accepted: Mapping[str, int] = field(default_factory=dict)  # what a person lets through the limits this once
    secrets: Mapping[str, Mapping[str, Secret]] = field(default_factory=dict)
    read: dict[tuple[str, str], datetime] = field(
        default_factory=dict
    )  # (connection, resource) → begin of a whole read
    unread: dict[tuple[str, str], Exit] = field(default_factory=dict)  # reads that failed, and the code that calls for
    absent: dict[int, datetime] = field(default_factory=dict)  # open intent → begin of the read that last missed it
    _clients: dict[str, Client] = field(default_factory=dict)
    _kept: int | None = None  # the exit code that the record holds

    def client(self, name: str) -> Client:
        """The open client of a connection, one a run."""
        if name not in self._clients:
            connection, secrets = self.config.connections[name], self.secrets[name]
            tally, email = self.budget(name), self.config.email
            self._clients[name] = connect(connection, secrets, self.scrubber, self.clock, tally=tally, email=email)
            self._clients[name].wire.halted = lambda: bool(self.stopped)
        return self._clients[name]

    def pretend(self, clients: Mapping[str, Client]) -> None:
        """Take these clients for the connections' own."""
        self._clients.update(clients)

    def budget(self, name: str) -> Budget:
        """The daily budget of writes of a connection."""
        return Budget(self.safety, name, self.config.connections[name].card.pace.writes_per_day, self.clock)

    def close(self) -> None:
        """Close every client."""
        for client in self._clients.values():
            client.wire.close()

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Count the seconds that a part of the run takes; they are kept with the run."""
        begun = self.clock.monotonic()
        try:
            yield
        finally:
            seconds = self.summary.setdefault("seconds", {})
            seconds[part] = round(seconds.get(part, 0.0) + self.clock.monotonic() - begun, 3)

    def end(self, code: int | None = None) -> None:
        """Keep how the run ended: what comes after it (publishing) is no part of what it did, but may fail.

        ``code``: of the fault that ends it, where one does.
        """
        before, code = self._kept, int(self.exit) if code is None else code
        self._kept = code
        if before is None:
            self.safety.end_run(self.run_id, code, self.clock.now(), {**self.summary, "calls": self.calls()})
        elif before != code:
            self.safety.amend_run(self.run_id, code)

    def calls(self) -> dict[str, int]:
        """The calls made so far, by connection."""
        return {name: client.wire.calls for name, client in self._clients.items()}


def connect(
    connection: ConnectionConfig,
    secrets: Mapping[str, Secret],
    scrubber: Scrubber,
    clock: Clock,
    *,
    tally: Budget | None = None,
    email: bool = False,
    patience: float | None = None,
) -> Client:
    """Open a client of a configured account. ``tally`` counts its writes; ``email``: people's addresses are kept.

    ``patience``: seconds for all attempts of a call, where the wire's own are too many.
    """
    from sources.http import PATIENCE, Wire

    scrubber.learn(*secrets.values())
    wire = Wire(connection.base_url, connection.card.pace, clock=clock, tally=tally, patience=patience or PATIENCE)
    options, vendor = connection.options, connection.vendor.name
    account = Connection(connection.name, vendor, connection.base_url, options, secrets, email, connection.root)
    try:
        return connection.vendor.connect(account, wire, scrubber)
    except Exception as fault:
        raise broken(vendor, fault) from fault


def make_workspace(folder: Path) -> None:
    """Make the workspace's folder, for nobody else's eyes. Raises ``UsageError`` where that cannot be."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        remedy = "What to do: give it to the user of this run, or name another workspace.dir"
        raise UsageError(f"{folder}: cannot be the workspace: {fault.strerror}. {remedy}") from fault


@contextmanager
def start(config: Config, command: str, scrubber: Scrubber, say: Say, clock: Clock | None = None) -> Iterator[Run]:
    """Lock the workspace, open its stores, and keep the run's row, whatever happens.

    Raises ``state.lock.Held`` when another run has it, and ``StateError`` when a store cannot be used.
    """
    watch = clock or SystemClock()
    os.umask(0o077)
    make_workspace(config.workspace)
    with ExitStack() as stack:
        stack.enter_context(lock(config.workspace / "lock", command, watch.now()))
        record = config.workspace / "journal.sqlite"
        lost = config.publish.is_file() and not record.exists()
        safety = stack.enter_context(SafetyRecord.open(record, at=watch.now(), new_id=new_id))
        if lost:
            say(f"{config.publish} tells of runs before this one, and {record} is new: {AFRESH}")
        working = stack.enter_context(Working(config.workspace / WORKING_FILE))
        if working.anew and restore(working, safety, config.publish):
            say(f"{working.path.name} is new: what no vendor can tell again was taken over from {config.publish}")
        run = Run(config, new_id(), safety, working, watch, scrubber, say)
        stack.callback(run.close)
        safety.begin_run(run.run_id, command, watch.now())
        try:
            yield run
        except BaseException as fault:
            run.end(code_of(fault))
            raise
        run.end()
