"""``orgweave runs``: what ran, what it read, what it wrote."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mappings.model import NAME_FIELD
from mappings.receipt import Receipt
from pipelines import config as configuration
from pipelines import explain
from pipelines.errors import Exit, UsageError
from pipelines.freshness import age, refused
from sources.clock import SystemClock
from state.journal import ChangeRow
from state.safety import Run, SafetyRecord

if TYPE_CHECKING:
    from pipelines.session import Session

COLUMNS = ("run", "command", "started (UTC)", "exit", "calls", "written")
OLD = timedelta(days=2)  # from which on it is worth a word, unasked
LISTED = 20

Outcome = tuple[Exit, Mapping[str, Any]]


def runs_command(session: "Session", config: Path | None, which: str | None, *, whole: bool = False) -> Outcome:
    """``orgweave runs``: the last runs, or with ``whole`` all of them, or all that one did."""
    with session.open_record(config) as safety:
        return _list(session, config, safety, whole=whole) if which is None else _detail(session, safety, which)


def _list(session: "Session", config: Path | None, safety: SafetyRecord, *, whole: bool) -> Outcome:
    ran, wrote = safety.runs(), safety.writers()
    began = ran if whole else [run for run in ran if not refused(run)]
    shown = began if whole else began[:LISTED]
    _tell_age(session, config)
    session.screen.show(explain.rows(COLUMNS, [_line(run, wrote) for run in shown]))
    left = [f"{len(began) - len(shown)} older"] if len(shown) < len(began) else []
    left += [f"{len(ran) - len(began)} refused before a call"] if len(began) < len(ran) else []
    if left:
        session.screen.say(f"not shown: {', '.join(left)}; all of them: orgweave runs --all")
    return Exit.DONE, {"runs": [_run_json(run) for run in (ran if whole else ran[:LISTED])], "total": len(ran)}


def _detail(session: "Session", safety: SafetyRecord, which: str) -> Outcome:
    chosen = [run for run in safety.runs() if run.run_id.startswith(which)]
    if len(chosen) != 1:
        remedy = "What to do: orgweave runs --all lists them"
        raise UsageError(f"{len(chosen)} runs have an id that starts with {which}. {remedy}")
    run = chosen[0]
    reads = safety.receipts(run.run_id)
    writes = [change for change in safety.changes() if change.run_id == run.run_id]
    session.screen.show(explain.rows(COLUMNS, [_line(run, safety.writers())]), "")
    session.screen.show(
        explain.rows(
            ("read", "asked for", "pages", "rows", "walks", "calls", "whole"),
            [(*_read(one), one.pages, one.distinct, one.walks, one.calls, one.reason or "yes") for one in reads],
        ),
        "",
    )
    session.screen.show(
        explain.rows(
            ("change", "target", "op", "status", "record", "name", "error"),
            [
                (one.change_id, one.connection, one.op, one.status, one.source_id, _name(one), one.error)
                for one in writes
            ],
        )
    )
    return Exit.DONE, {"run": _run_json(run), "reads": _plain(reads), "changes": _plain(writes)}


def _tell_age(session: "Session", config: Path | None) -> None:
    """A word where what is known is old, or a run never came to its end."""
    loaded = configuration.load(configuration.find(config))
    for reason in age(loaded, list(loaded.connections), SystemClock().now(), OLD).reasons:
        session.screen.say(f"mind: {reason}")


def _read(one: Receipt) -> tuple[str, str]:
    since = f"changes since {one.since:%m-%d %H:%M}" if one.since else "all"
    return f"{one.connection} {one.resource}", since


def _line(run: Run, wrote: Mapping[str, int]) -> tuple[object, ...]:
    """A run's cells; what it wrote is told by the journal, where it was killed too."""
    calls = sum(run.summary.get("calls", {}).values())
    ended = "did not end" if run.exit_code is None else run.exit_code
    return run.run_id[:8], run.command, f"{run.started_at:%Y-%m-%d %H:%M:%S}", ended, calls, wrote.get(run.run_id, "")


def _name(one: ChangeRow) -> object:
    """What the record was called, and is since."""
    key = NAME_FIELD[one.entity]
    was, now = (one.before or {}).get(key), (one.after or {}).get(key)
    return f"{was} -> {now}" if was and now and was != now else now or was


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
