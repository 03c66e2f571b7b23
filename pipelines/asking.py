"""What to ask a connection for: everything, or what changed since the last read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from mappings.model import Entity
from pipelines.run import Run, new_id
from sources.spool import Spool
from sources.vendor import Delta, Resource
from state.raw import Standing

WITNESSES = 100  # known records that a read of changes may bring again for no other end than to prove itself


@dataclass(frozen=True, slots=True)
class Want:
    """What a pull is wanted for.

    ``full``: everything, changes alone are not enough. ``kinds``: only these entities. ``accept_shrink``: connections
    whose reads are believed although they show far fewer records than before, or older ones.
    """

    full: bool = False
    kinds: Collection[Entity] = tuple(Entity)
    accept_shrink: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ask:
    """One read to make: where its rows wait, the changes that suffice, and what of a record it keeps.

    ``first``: nothing whole of the resource stands here yet. ``bases``: their version before it is made.
    """

    resource: Resource
    read_id: str
    spool: Spool
    delta: Delta | None
    shape: str
    first: bool
    bases: int


def asks(run: Run, name: str, want: Want) -> list[Ask]:
    """The reads that a pull of a connection makes, in their order."""
    found: list[Ask] = []
    bases = run.safety.bases_version
    for resource in run.config.connections[name].vendor.resources:
        if resource.entity not in want.kinds:
            continue
        read_id = new_id()
        spool = Spool(run.config.workspace / "spool" / f"{read_id}.parquet", read_id)
        shape = "with e-mail" if resource.entity is Entity.PERSON and run.config.email else ""
        standing = run.working.raw.standing(name, resource.name)
        delta = None if want.full or standing is None else _delta(run, name, resource, standing, shape)
        found.append(Ask(resource, read_id, spool, delta, shape, standing is None, bases))
    return found


def _delta(run: Run, name: str, resource: Resource, standing: Standing, shape: str) -> Delta | None:
    """What a read of changes builds on; None where only a full read will do.

    That is so where the vendor cannot be asked for changes or did not tell the time, what stands here is of another
    shape or nothing that could come again, it is too old (deletions never show in changes), or a write without an
    answer waits for proof of absence.
    """
    if resource.overlap is None or standing.watermark is None or standing.shape != shape:
        return None
    if not run.working.raw.holds(name, resource.name):
        return None
    if not timedelta() <= run.clock.now() - standing.full_at < run.config.connections[name].full_every:
        return None
    if any((one.intent.connection, one.intent.entity) == (name, resource.entity) for one in run.safety.open_intents()):
        return None
    landed = partial(run.working.raw.landed, name, resource.name)
    since, expected = _since(run, name, resource.entity, standing.watermark - resource.overlap)
    return Delta(since, standing.watermark, landed, expected)


def _since(run: Run, name: str, entity: Entity, moment: datetime) -> tuple[datetime, frozenset[str]]:
    """The minute from which on to ask for changes, and the records that must come again.

    As far back as the newest change that is known, so that one record at least must come: an empty answer is then told
    from no change, and the vendor's ``Date`` may differ from the clock that stamps its records. Not where many records
    changed at once: they would come again in every read.
    """
    earliest = moment.replace(second=0, microsecond=0)  # the vendor counts in minutes
    newest = run.working.newest_change(name, entity)
    if newest is not None and newest < earliest:
        since = newest.replace(second=0, microsecond=0)
        if 0 < len(expected := run.working.changed_since(name, entity, since)) <= WITNESSES:
            return since, expected
    return earliest, run.working.changed_since(name, entity, earliest)
