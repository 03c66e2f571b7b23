"""What a plan stands on: how old what was read is where the last try to read an account failed, and what is lacking."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from datetime import datetime

from mappings.model import Entity
from pipelines.budget import utc
from pipelines.config import KINDS
from pipelines.planning import Planned
from pipelines.run import Run


def grounded(run: Run, planned: Planned, to: Set[str], only: Set[Entity]) -> Planned:
    """The plan with what it stands on; what an earlier run could not read is warned of, for only that run told it."""
    asked = {entity: kind.write_to for entity, kind in run.config.kinds.items() if not only or entity in only}
    if not any(asked.values()):
        return replace(planned, lacks=_lacking(run, asked))
    skipped = {name for name, _, _ in planned.skipped}
    found: dict[str, datetime] = {}
    for name, entity in _read(run, asked, to):
        resource = run.config.connections[name].vendor.resource(entity).name
        at = run.safety.last_whole(name, resource)
        if at and name not in skipped and _failed_since(run, name, resource, at):
            found[name] = min(at, found.get(name, at))
    for name, at in found.items():
        if name not in run.summary.get("pull", {}):
            told = f"{name}: its last read failed; the plan stands on what was read at {utc(at)}"
            run.warn(f"{told}. What to do: orgweave pull {name}")
    return replace(planned, old=found)


def _lacking(run: Run, asked: Mapping[Entity, object]) -> str:
    """Why there is nobody to compare with."""
    whole = any(run.working.raw.read_whole(name) for name in run.config.connections)
    unread = "" if whole else "nothing was read yet (orgweave pull), and "
    tables = " or ".join(f"[{table}]" for table, entity in KINDS.items() if entity in asked)
    return f"{unread}no account may be written to. What to do: name those that may in write_to under {tables}"


def _read(run: Run, asked: Mapping[Entity, tuple[str, ...]], to: Set[str]) -> Iterator[tuple[str, Entity]]:
    """The reads that the plan is made of: (connection, entity) of the targets and their authorities."""
    for entity, targets in asked.items():
        wanted = [name for name in targets if not to or name in to]
        if wanted:
            yield from ((name, entity) for name in dict.fromkeys((*run.config.kinds[entity].authority, *wanted)))


def _failed_since(run: Run, name: str, resource: str, at: datetime) -> bool:
    """Whether somebody tried to read it since, here or in an earlier run, and could not."""
    if (name, resource) in run.unread or name in run.summary.get("pull", {}):
        return (name, resource) in run.unread
    tried, told = run.safety.last_pull(name) or (at, {})
    return at < tried and not told.get("complete", True)
