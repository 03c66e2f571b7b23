"""What a target should give up, since every authority dropped it: asked only where ``on_missing`` says so."""

from mappings.missing import OPS, RULE, Dropped
from mappings.model import Entity, Op
from mappings.plan import Plan
from pipelines.errors import Exit, UsageError
from pipelines.run import Run
from state import differing, golden


def dropped_at(run: Run, name: str, entity: Entity) -> Dropped | None:
    """The records that a target holds and every authority dropped; None where there are none, or all are kept."""
    kind = run.config.kinds[entity]
    op = OPS.get(kind.on_missing)
    if op is None:
        return None
    found = differing.dropped(run.working, entity, name, kind.authority, off=op == Op.DEACTIVATE)
    if not found:
        return None
    return Dropped(
        op=op,
        records=golden.goldens(run.working, entity, sorted(found)),
        knew={canonical_id: knew for canonical_id, (knew, _) in found.items()},
        agreed={canonical_id: agreed for canonical_id, (_, agreed) in found.items()},
        below=differing.below(run.working, entity, name, sorted(found)),
    )


def unread_authority(run: Run, entity: Entity) -> tuple[str, Exit] | None:
    """An authority whose last read failed in this run, and the code that calls for; None where all were read."""
    for name in run.config.kinds[entity].authority:
        code = run.unread.get((name, run.config.connections[name].vendor.resource(entity).name))
        if code is not None:
            return name, code
    return None


def check_dropped(run: Run, plan: Plan) -> None:
    """Raise ``UsageError`` where a removal of a plan is asked for no more, or an authority has its record again."""
    for entity, kind in run.config.kinds.items():
        removals = [one for one in plan.ready() if (one.rule, one.entity) == (RULE, entity)]
        if any(one.op != OPS.get(kind.on_missing) for one in removals):
            raise UsageError(f"{run.config.path} says on_missing = {kind.on_missing!r} by now. What to do: plan again")
        ids, off = [one.canonical_id for one in removals], kind.on_missing == "deactivate"
        back = differing.back_at(run.working, entity, ids, kind.authority, off=off)
        if back:
            canonical_id, name = back[0]
            raise UsageError(f"{name} has {entity} {canonical_id} again, which would go. What to do: plan again")
