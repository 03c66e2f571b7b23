"""The commands that only look: ``check`` and ``runs``."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mappings.model import Entity, Op
from pipelines import config as configuration
from pipelines import explain, secrets, verbs
from pipelines.config import Config, ConnectionConfig
from pipelines.errors import Exit, UsageError, worst
from pipelines.run import connect
from sources.clock import SystemClock
from sources.errors import VendorError
from sources.secret import Secret
from state.safety import Run

if TYPE_CHECKING:
    from pipelines.session import Session

Outcome = tuple[Exit, Mapping[str, Any]]


def check_command(session: "Session", config: Path | None, names: Sequence[str]) -> Outcome:
    """``orgweave check``: one line a connection."""
    loaded = configuration.load(configuration.find(config))
    wanted = verbs.chosen(loaded, names)
    found = secrets.resolve(loaded, wanted)
    results = {name: _probe(session, loaded, loaded.connections[name], found[name]) for name in wanted}
    for name, (code, text) in results.items():
        mark = "ok  " if code == Exit.DONE else "FAIL"
        session.screen.show(f"{mark} {name}: {explain.printable(session.screen.scrubber.clean(text))}")
    code = worst(*(code for code, _ in results.values()))
    connections = {
        name: {"ok": code == Exit.DONE, "detail": session.screen.scrubber.clean(text)}
        for name, (code, text) in results.items()
    }
    return code, {"exit_code": code, "connections": connections}


def _probe(
    session: "Session", config: Config, connection: ConnectionConfig, found: Mapping[str, Secret]
) -> tuple[Exit, str]:
    client = connect(connection, found, session.screen.scrubber, SystemClock())
    try:
        resource = connection.vendor.resources[0]
        page = next(client.walk(resource), None)
    except VendorError as fault:
        return Exit.CONNECTION, str(fault)
    finally:
        client.wire.close()
    seen = len(page.rows) if page else 0
    total = f" of {page.declared_total}" if page and page.declared_total is not None else ""
    return (
        Exit.DONE,
        f"{connection.vendor.title} answers; {seen}{total} {resource.name} seen; {_may(config, connection)}",
    )


def _may(config: Config, connection: ConnectionConfig) -> str:
    """What the connection may be used for: by its vendor's card, and by the configuration."""
    parts: list[str] = []
    for entity, card in connection.card.entities.items():
        kind = config.kinds.get(entity, None)
        roles = [role for role in ("authority", "write_to") if kind and connection.name in getattr(kind, role)]
        able = [str(op) for op in Op if op in card.costs]
        rule = "never written (apply_disabled)" if connection.apply_disabled else ", ".join(roles) or "read only"
        parts.append(f"{_plural(entity)}: can {' and '.join(able)}; {rule}")
    return "; ".join(parts)


def _plural(entity: Entity) -> str:
    return f"{entity}s"


def runs_command(session: "Session", config: Path | None, which: str | None) -> Outcome:
    """``orgweave runs``: the last runs, or all of one."""
    with session.open_record(config) as safety:
        if which is None:
            found = safety.runs(20)
            columns = ("run", "command", "started (UTC)", "exit", "calls")
            session.screen.show(explain.rows(columns, [_line(run) for run in found]))
            return Exit.DONE, {"runs": [_run_json(run) for run in found]}
        chosen = [run for run in safety.runs() if run.run_id.startswith(which)]
        if len(chosen) != 1:
            raise UsageError(f"{len(chosen)} runs have an id that starts with {which}; see: orgweave runs")
        run = chosen[0]
        reads = safety.receipts(run.run_id)
        writes = [change for change in safety.changes() if change.run_id == run.run_id]
    session.screen.show(explain.rows(("run", "command", "started (UTC)", "exit", "calls"), [_line(run)]), "")
    session.screen.show(
        explain.rows(
            ("read", "pages", "rows", "walks", "calls", "whole"),
            [
                (f"{one.connection} {one.resource}", one.pages, one.distinct, one.walks, one.calls, one.reason or "yes")
                for one in reads
            ],
        ),
        "",
    )
    session.screen.show(
        explain.rows(
            ("change", "target", "op", "status", "record", "error"),
            [(one.change_id, one.connection, one.op, one.status, one.source_id, one.error) for one in writes],
        )
    )
    return Exit.DONE, {"run": _run_json(run), "reads": _plain(reads), "changes": _plain(writes)}


def _line(run: Run) -> tuple[object, ...]:
    calls = sum(run.summary.get("calls", {}).values())
    ended = "did not end" if run.exit_code is None else run.exit_code
    return run.run_id[:8], run.command, f"{run.started_at:%Y-%m-%d %H:%M:%S}", ended, calls


def _run_json(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "command": run.command,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "exit_code": run.exit_code,
        "summary": run.summary,
    }


def _plain(rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [{name: getattr(row, name) for name in row.__slots__} for row in rows]
