"""``orgweave check``: what each connection can do as things stand, by two cheap calls a resource at most.

No lock is taken, nothing is written, and no file is made.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import checked, secrets, verbs
from pipelines import config as configuration
from pipelines.config import Config, ConnectionConfig
from pipelines.errors import Exit, UsageError, worst
from pipelines.findings import Findings, Memory
from pipelines.fingerprint import strangers
from pipelines.freshness import age
from pipelines.init_secrets import exposed
from pipelines.run import connect
from pipelines.sections import duration
from sources.clock import Clock, SystemClock
from sources.errors import Denied, Retry
from sources.secret import Scrubber, Secret
from sources.vendor import Probe
from state.errors import StateError
from state.safety import SafetyRecord

if TYPE_CHECKING:
    from pipelines.session import Session

PATIENCE = 20.0  # seconds for a call's attempts and waits: somebody sits and waits for the answer


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the checks of all connections share."""

    config: Config
    scrubber: Scrubber
    clock: Clock


def check_command(
    session: "Session", config: Path | None, names: Sequence[str], max_age: str | None = None, *, offline: bool = False
) -> tuple[Exit, Mapping[str, Any]]:
    """``orgweave check``: one line a connection, with ``--verbose`` one more a resource.

    ``max_age``: how old the last whole run and the published file may be. ``offline``: no vendor is asked.
    """
    loaded = configuration.load(configuration.find(config))
    wanted = verbs.chosen(loaded, names)
    longest = duration(max_age, "--max-age") if max_age else None
    if open_to_others := exposed(loaded.path):
        session.screen.warn(open_to_others)
    desk = _Desk(loaded, session.screen.scrubber, SystemClock())
    code, connections = (Exit.DONE, {}) if offline else _check_all(session, desk, wanted)
    if longest is None:
        if offline:
            session.screen.show(f"ok   configuration: {loaded.path}; no account was asked")
        return code, {"exit_code": code, "connections": connections}
    aged = age(loaded, wanted, desk.clock.now(), longest)
    session.screen.show("ok   fresh: " + aged.line if not aged.reasons else "OLD  " + "; ".join(aged.reasons))
    code = worst(code, Exit.PERSON if aged.reasons else Exit.DONE)
    return code, {"exit_code": code, "connections": connections, "age": aged.json()}


def _check_all(session: "Session", desk: _Desk, wanted: Sequence[str]) -> tuple[Exit, dict[str, Any]]:
    """Ask each of these connections, side by side."""
    loaded = desk.config
    found, unset = _opened(loaded, wanted)
    remembered = _remembered(session, loaded, [loaded.connections[name] for name in wanted], desk.clock.now())
    with ThreadPoolExecutor(max_workers=len(wanted)) as pool:
        checking = {
            name: pool.submit(_examine, desk, loaded.connections[name], keys, remembered.get(name))
            for name, keys in found.items()
        }
        found_out = [
            checking[name].result() if name in checking else _unasked(loaded, name, unset[name], remembered.get(name))
            for name in wanted
        ]
    clean = session.screen.scrubber.clean
    session.screen.show(checked.table(found_out, clean, verbose=session.screen.verbose))
    code = worst(*(one.code for one in found_out))
    return code, {one.connection.name: checked.document(one, clean) for one in found_out}


def _opened(config: Config, names: Iterable[str]) -> tuple[dict[str, Mapping[str, Secret]], dict[str, str]]:
    """The secrets by connection; of each that has none that can be used, why."""
    found: dict[str, Mapping[str, Secret]] = {}
    unset: dict[str, str] = {}
    for name in names:
        try:
            found |= secrets.resolve(config, [name])
        except UsageError as fault:
            unset[name] = str(fault).removeprefix(f"{name}: ")
    return found, unset


def _unasked(config: Config, name: str, why: str, memory: Memory | None) -> Findings:
    """What can be told of a connection that nothing can be asked of."""
    return Findings(config, config.connections[name], {}, (), memory, reachable=False, ahead=None, unset=why)


def _examine(desk: _Desk, connection: ConnectionConfig, found: Mapping[str, Secret], memory: Memory | None) -> Findings:
    """Probe a connection, resource by resource, until a fault concerns them all."""
    client = connect(connection, found, desk.scrubber, desk.clock, patience=PATIENCE)
    probes: dict[str, Probe] = {}
    try:
        for resource in connection.vendor.resources:
            probe = probes[resource.name] = client.probe(resource)
            if isinstance(probe.fault, Retry) or (isinstance(probe.fault, Denied) and probe.fault.role is None):
                break
    finally:
        client.wire.close()
    reachable, ahead = client.wire.answers > 0, client.wire.ahead
    return Findings(desk.config, connection, probes, tuple(found), memory, reachable, ahead)


def _remembered(
    session: "Session", config: Config, connections: Sequence[ConnectionConfig], now: datetime
) -> dict[str, Memory]:
    """What the safety record knows of each connection; nothing where there is none, or it cannot be read."""
    path = config.workspace / "journal.sqlite"
    if not path.exists():
        return {}
    try:
        with SafetyRecord.look(path) as safety:
            moved = strangers(safety, connections)
            return {one.name: _memory(safety, one, moved.get(one.name), now) for one in connections}
    except StateError as fault:
        session.screen.fail(f"budgets and last reads are not known: {fault}")
        return {}


def _memory(safety: SafetyRecord, connection: ConnectionConfig, stranger: str | None, now: datetime) -> Memory:
    per_day = connection.card.pace.writes_per_day
    spent = safety.used_up(connection.name, per_day, now) if per_day else None
    needed = (resource.name for resource in connection.vendor.resources if not resource.optional)
    return Memory(spent, _read_at(safety, connection.name, needed), stranger)


def _read_at(safety: SafetyRecord, name: str, resources: Iterable[str]) -> datetime | None:
    """When all that is needed of a connection was last read in full; None where something never was."""
    reads = [safety.last_complete(name, resource) for resource in resources]
    return min(one.finished_at for one in reads if one) if all(reads) else None
