"""``[metrics] file``: what the last runs did, as a file for Prometheus, written anew at the end of every run."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from pipelines.freshness import freshness
from pipelines.prometheus import Gauge, Labels, rendered
from pipelines.run import Run
from state.safety import Run as Past
from state.swapping import swap_in
from state.waiting import waiting

LOOKED_AT = 1000  # runs: a command that did not run in so many is told no more
READABLE = 0o644  # another user's collector reads it


def write(run: Run, command: str, code: int) -> None:
    """Write the file in one step. ``code``: what this run's command ends with. OSError where that cannot be."""
    place = run.config.operating.metrics
    assert place is not None
    swap_in(place, rendered(gauges(run, command, code)), mode=READABLE)


def gauges(run: Run, command: str, code: int) -> list[Gauge]:
    """All that is told: of each command its last run, of each connection its last read."""
    past = run.safety.runs(LOOKED_AT)
    proposals, conflicts = waiting(run.working)
    whole = freshness(run.safety, run.config.connections, {run.run_id})
    ended_at = whole.whole_at.timestamp() if whole.whole_at else 0
    return [
        Gauge("orgweave_build_info", "The version that wrote this file.", [({"version": version("orgweave")}, 1)]),
        *_runs(past, {command: code}),
        _one(
            "orgweave_last_whole_run_timestamp_seconds",
            "When the last run that read every account whole ended with 0 or 3; 0 where none did.",
            ended_at,
        ),
        _one("orgweave_unended_runs", "Runs since the last whole one that never ended.", len(whole.unended)),
        *_connections(past, list(run.config.connections)),
        *_changes(past),
        _one("orgweave_open_proposals", "Proposed matches that wait for a person.", proposals),
        _one("orgweave_open_conflicts", "Conflicts that wait for a person.", conflicts),
        _one("orgweave_open_intents", "Writes whose outcome nobody knows yet.", len(run.safety.open_intents())),
    ]


def _one(name: str, told: str, value: float) -> Gauge:
    return Gauge(name, told, [({}, value)])


def _runs(past: Sequence[Past], codes: Mapping[str, int]) -> Iterator[Gauge]:
    """Of each command its last run that ended. ``codes``: what is known better than it was kept."""
    last: dict[str, Past] = {}
    for one in past:
        if one.finished_at is not None:
            last.setdefault(one.command, one)
    ended: list[tuple[Labels, float]] = []
    exits: list[tuple[Labels, float]] = []
    spans: list[tuple[Labels, float]] = []
    for command, one in sorted(last.items()):
        assert one.finished_at is not None
        labels = {"command": command}
        ended.append((labels, one.finished_at.timestamp()))
        exits.append((labels, codes.get(command, one.exit_code or 0)))
        spans.append((labels, (one.finished_at - one.started_at).total_seconds()))
    yield Gauge("orgweave_last_run_timestamp_seconds", "When the command last ended.", ended)
    yield Gauge("orgweave_last_run_exit_code", "What it ended with.", exits)
    yield Gauge("orgweave_last_run_duration_seconds", "How long it took.", spans)


def _connections(past: Sequence[Past], names: Sequence[str]) -> Iterator[Gauge]:
    calls: list[tuple[Labels, float]] = []
    complete: list[tuple[Labels, float]] = []
    records: list[tuple[Labels, float]] = []
    for name in names:
        labels = {"connection": name}
        asked = next((one for one in past if name in one.summary.get("calls", {})), None)
        calls += [(labels, asked.summary["calls"][name])] if asked else []
        read: Mapping[str, Any] | None = next(
            (one.summary["pull"][name] for one in past if name in one.summary.get("pull", {})), None
        )
        if read is not None:
            complete.append((labels, 1 if read["complete"] else 0))
            records += [({**labels, "resource": key}, number) for key, number in read["reads"].items()]
    yield Gauge("orgweave_connection_calls", "Calls to the vendor in the last run that asked it.", calls)
    yield Gauge(
        "orgweave_connection_reads_complete", "1 where its last reads were whole, 0 where one failed.", complete
    )
    yield Gauge("orgweave_connection_records", "Records that its last reads told, all or those that changed.", records)


def _changes(past: Sequence[Past]) -> Iterator[Gauge]:
    for part, told in (
        ("plan", "Changes of the last plan, by status."),
        ("apply", "Changes that the last apply tried, by ending."),
    ):
        last: Mapping[str, Any] = next((one.summary[part] for one in past if one.summary.get(part)), {})
        samples = [({"status": status}, number) for status, number in last.items() if status != "by"]
        yield Gauge(f"orgweave_{part}_changes", told, samples)
