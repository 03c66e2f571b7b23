"""How old what is known is: the last run that read every account whole, and the runs since that never ended."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.config import Config
from pipelines.errors import Exit
from state.lock import is_held
from state.safety import Run, SafetyRecord

LOOKED_AT = 1000  # runs: further back nothing is new


@dataclass(frozen=True, slots=True)
class Freshness:
    """``whole``: the last run that read every account whole, and ended with 0, 3 or 10.

    ``unended``: runs since then that were begun and neither ended nor go on now, newest first.
    """

    whole: Run | None
    unended: tuple[Run, ...]

    @property
    def unended_json(self) -> list[dict[str, Any]]:
        """The runs that never ended, for a program."""
        return [{"run_id": one.run_id, "command": one.command, "started_at": one.started_at} for one in self.unended]

    @property
    def whole_at(self) -> datetime | None:
        """When the last whole run ended."""
        return self.whole.finished_at if self.whole else None


def freshness(safety: SafetyRecord, names: Collection[str], going_on: Collection[str] = ()) -> Freshness:
    """How old what is known of these connections is. ``going_on``: the ids of runs that work just now."""
    unended: list[Run] = []
    for run in safety.runs(LOOKED_AT):
        if _is_whole(run, names):
            return Freshness(run, tuple(unended))
        if run.finished_at is None and run.run_id not in going_on:
            unended.append(run)
    return Freshness(None, tuple(unended))


def refused(run: Run) -> bool:
    """Whether it ended at a mistake of its user's before it called anybody: it read and wrote nothing."""
    return run.exit_code == Exit.USAGE and not any(run.summary.get("calls", {}).values())


def _is_whole(run: Run, names: Collection[str]) -> bool:
    pull: Mapping[str, Any] = run.summary.get("pull", {})
    whole = {name for name, one in pull.items() if one.get("complete")}
    return run.exit_code in (Exit.DONE, Exit.PERSON, Exit.CHANGES) and whole >= set(names)


def stale(found: Freshness, published: Path, now: datetime, longest: timedelta) -> list[str]:
    """What is older than ``longest``, or never came to its end; nothing where all is fresh."""
    told: list[str] = []
    if found.whole_at is None:
        told.append("no run has read every account whole yet, and ended with 0 or 3")
    elif now - found.whole_at > longest:
        told.append(f"the last run that read every account whole ended {ago(now - found.whole_at)} ago")
    at = published_at(published)
    if at is None:
        told.append(f"{published} is not there")
    elif now - at > longest:
        told.append(f"{published} is {ago(now - at)} old")
    told += [
        f"run {run.run_id[:8]} ({run.command}, {run.started_at:%Y-%m-%d %H:%M} UTC) never ended"
        for run in found.unended[:3]
    ]
    if len(found.unended) > 3:
        told.append(f"so did {len(found.unended) - 3} more")
    return told


@dataclass(frozen=True, slots=True)
class Age:
    """How old what is known is, and what of it is too old."""

    found: Freshness
    published: datetime | None
    reasons: tuple[str, ...]
    line: str

    def json(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "ok": not self.reasons,
            "reasons": list(self.reasons),
            "last_whole_run": self.found.whole.run_id if self.found.whole else None,
            "last_whole_at": self.found.whole_at,
            "published_at": self.published,
            "never_ended": self.found.unended_json,
        }


def age(config: Config, names: Collection[str], now: datetime, longest: timedelta) -> Age:
    """How old what is known of these connections is. Changes nothing, and is in no run's way."""
    found = known(config, names)
    whole = f"the last whole run ended {ago(now - found.whole_at)} ago" if found.whole_at else ""
    return Age(found, published_at(config.publish), tuple(stale(found, config.publish, now, longest)), whole)


def known(config: Config, names: Collection[str]) -> Freshness:
    """What the safety record tells of it; nothing where there is none yet."""
    path = config.workspace / "journal.sqlite"
    if not path.exists():
        return Freshness(None, ())
    working = is_held(config.workspace / "lock")
    with SafetyRecord.look(path) as safety:
        newest = safety.runs(1)
        return freshness(safety, names, {one.run_id for one in newest if working})


def published_at(published: Path) -> datetime | None:
    """When the published file was swapped in."""
    return datetime.fromtimestamp(published.stat().st_mtime, UTC) if published.is_file() else None


def ago(age: timedelta) -> str:
    """An age in the two largest of days, hours and minutes."""
    minutes = max(0, int(age.total_seconds())) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {rest} min" if hours else f"{rest} min"
