"""Whether a sealed plan may still be applied: the configuration may say otherwise by now."""

from mappings.migration import RULE, migrates
from mappings.model import NAME_FIELD, Op
from mappings.naming import SEPARATOR, fold
from mappings.plan import Change, Plan
from pipelines.dropping import check_dropped
from pipelines.errors import UsageError
from pipelines.run import Run
from pipelines.undone import takes_back
from state import golden


def check_appliable(run: Run, plan: Plan) -> None:
    """Raise ``UsageError`` where the present configuration no longer allows what the plan would write."""
    named = _named(run, plan)
    for change in plan.ready():
        connection = run.config.connections.get(change.connection)
        may = change.connection in run.config.kinds[change.entity].write_to or change.connection in named
        if connection is None or not may or connection.apply_disabled:
            raise UsageError(f"{change.connection} may not be written to by {run.config.path}. What to do: plan again")
    _check_protected(run, plan)
    check_dropped(run, plan)


def _named(run: Run, plan: Plan) -> set[str]:
    """The connections that a person named as targets: a migration's, also where it is taken back."""
    if migrates(plan):
        return {change.connection for change in plan.ready()}
    if not takes_back(plan):
        return set()
    places = {(change.connection, change.entity) for change in plan.ready()}
    return {name for name, entity in places if run.safety.written_by(RULE, name, entity)}


def _check_protected(run: Run, plan: Plan) -> None:
    """Raise ``UsageError`` where a record that the plan would change is protected by now."""
    for entity, names in run.config.protect.items():
        changes = [one for one in plan.ready() if one.entity == entity and one.op != Op.CREATE]
        if names and changes:
            ids = sorted({one.canonical_id for one in changes})
            ours = {key: one.name for key, one in golden.goldens(run.working, entity, ids).items()}
            protected = {fold(name) for name in names}
            for change in changes:
                if protected & _called(change, ours.get(change.canonical_id, "")):
                    told = f"{change.connection}: {change.op} {ours.get(change.canonical_id) or change.source_id}"
                    raise UsageError(
                        f"{run.config.path} protects what the plan would change ({told}). What to do: plan again"
                    )


def _called(change: Change, ours: str) -> set[str]:
    """The folded names that a change tells of its record, the leaves of qualified ones too."""
    field = NAME_FIELD[change.entity]
    told = [ours, *(str(values[field]) for values in (change.before or {}, change.after) if values.get(field))]
    return {fold(one) for name in told for one in (name, name.rpartition(SEPARATOR)[2])}
