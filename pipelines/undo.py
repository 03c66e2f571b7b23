"""``orgweave undo RUN``: a sealed plan of a run's before-images, shown, consented to and applied as any other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mappings.limits import check
from mappings.migration import RULE
from mappings.model import Entity, Ref, Value
from mappings.order import number, settle
from mappings.plan import Change, Status, summary, typed
from mappings.refusal import refuse
from mappings.undo import Past, Write, undo
from pipelines import explain, verbs
from pipelines.accepting import accepted
from pipelines.again import again, told
from pipelines.asking import Want
from pipelines.called import called
from pipelines.commands import show_applied, tell_guard
from pipelines.errors import Exit, UsageError, worst
from pipelines.planning import Planned, keep, sealed
from pipelines.pull import pull
from pipelines.reconcile import reconcile
from pipelines.run import Run
from pipelines.targeting import policy_of, target_of
from pipelines.writing import UNSENT
from state import differing, golden
from state.safety import ChangeRow, Outcome, SafetyRecord

if TYPE_CHECKING:
    from pipelines.session import Session

MADE = (Outcome.DONE, Outcome.ADOPTED)
OPEN = "unknown"

Where = tuple[str, Entity]


def undo_command(
    session: "Session", config: Path | None, which: Sequence[str], accept: Sequence[str], *, yes: bool
) -> tuple[Exit, Mapping[str, Any]]:
    """``orgweave undo``."""
    with session.run(config, "undo") as run:
        run.accepted = accepted(run.config, accept)
        run_ids = list(dict.fromkeys(find(run.safety, one, own=run.run_id) for one in which))
        planned = plan_undo(run, run_ids)
        keep(run, planned)
        run.exit = worst(run.exit, *planned.exits())
        run.summary["plan"] = summary(planned.plan.changes)
        afterwards = list(again(run, planned))
        nothing = not planned.plan.changes and not planned.skipped
        shown = (
            ["Nothing to take back: what the run wrote is as it was before, or not there any more."] if nothing else ()
        )
        session.screen.show(
            *(shown or explain.plan(planned, run.config)), *told(afterwards), *rest_of_move(run, run_ids)
        )
        ready = planned.plan.ready()
        applied: verbs.Applied | None = None
        if Exit.GUARD in planned.exits():
            tell_guard(session, planned.plan.changes)
        elif ready and (yes or session.screen.consent(f"{len(ready)} changes to {', '.join(_targets(ready))}.")):
            applied = verbs.do_apply(run, planned.plan)
        elif ready:
            run.exit = worst(run.exit, Exit.PERSON)
            session.screen.fail(
                "nothing was written. What to do: pass --yes, or orgweave apply, which applies this plan"
            )
        verbs.finish(run)
        if applied is not None:
            show_applied(session, applied)
        done = verbs.applied_json(run.run_id, applied) if applied else _nothing(run, planned)
        more = [{"change_id": one.change_id, "what": one.text, "remedy": one.remedy} for one in afterwards]
        return run.exit, {**done, "undoes": run_ids[0], "runs": run_ids, "plan": planned.document, "again": more}


def _nothing(run: Run, planned: Planned) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "plan_id": planned.plan.plan_id,
        "results": [],
        "summary": verbs.results_summary(()),
        "verified": not planned.plan.changes,
    }


def find(safety: SafetyRecord, which: str, own: str = "") -> str:
    """The id of the run that is meant, which wrote something. Raises ``UsageError`` that names those that did."""
    runs = [run for run in safety.runs() if run.run_id != own]
    found = [run for run in runs if run.run_id.startswith(which)]
    if len(found) > 1:
        told = ", ".join(f"{run.run_id[:12]} ({run.command}, {run.started_at:%Y-%m-%d %H:%M})" for run in found[:4])
        raise UsageError(f"{len(found)} runs have an id that starts with {which}: {told}. What to do: give more of it")
    if found and any(row.status in (*MADE, OPEN) for row in safety.writes_of_run(found[0].run_id)):
        return found[0].run_id
    wrote = safety.writers(4)
    told = ", ".join(
        f"{run.run_id[:8]} ({run.command}, {run.started_at:%Y-%m-%d %H:%M})" for run in runs if run.run_id in wrote
    )
    last = f"the last runs that wrote: {told}" if told else "no run has written anything here yet"
    what = f"run {found[0].run_id[:8]} ({found[0].command}) wrote nothing" if found else f"there is no run {which}"
    raise UsageError(f"{what}; {last}. What to do: orgweave runs")


def plan_undo(run: Run, run_ids: Sequence[str]) -> Planned:
    """Read the targets of runs anew, whole, and plan how to take their writes back, all at once. Keeps nothing."""
    writes = _by_target(_writes(run, run_ids))
    names = sorted({name for name, _ in writes if name in run.config.connections})
    verbs.open_secrets(run, names)
    kinds = {entity for _, entity in writes} | {Entity.PERSON}
    run.exit = worst(*(one.exit for one in pull(run, names, Want(full=True, kinds=kinds))))
    reconcile(run)
    writes = _by_target(_writes(run, run_ids))  # the reads may have settled one
    skipped: list[tuple[str, str, Exit]] = []
    changes: list[Change] = []
    held: dict[Where, int] = {}
    since = [run.safety.written_since(one) for one in run_ids]
    later = {ref: other for found in since for ref, other in found.items() if other not in run_ids}
    for (name, entity), rows in sorted(writes.items()):
        if why := _unreadable(run, name, entity):
            skipped.append((name, *why))
            continue
        held[name, entity] = differing.held(run.working, entity, name)
        changes += _taken_back(run, (name, entity), Past(run_ids, [_write(row) for row in rows]), later)
    return sealed(run, number(check(changes, held, run.config.limits, run.accepted)), skipped)


def _writes(run: Run, run_ids: Sequence[str]) -> list[ChangeRow]:
    """What runs wrote, in the order in which they ran."""
    ran = [one.run_id for one in run.safety.runs() if one.run_id in run_ids]
    return [row for run_id in reversed(ran) for row in run.safety.writes_of_run(run_id)]


def rest_of_move(run: Run, run_ids: Sequence[str]) -> Iterator[str]:
    """The other runs of a migration whose records still stand: one that was cut off is of several runs."""
    ours = _by_target(_writes(run, run_ids))
    rest: dict[str, int] = {}
    for name, entity in ours:
        made = run.safety.made_by(RULE, name, entity)
        there = run.working.present_ids(name, entity) if set(made.values()) & set(run_ids) else frozenset[str]()
        for source_id, run_id in made.items():
            if source_id in there and run_id not in run_ids:
                rest[run_id] = rest.get(run_id, 0) + 1
    if rest:
        runs = ", ".join(f"{run_id[:8]} ({count} records)" for run_id, count in rest.items())
        every = " ".join(run_id[:8] for run_id in (*run_ids, *rest))
        yield f"Mind: other runs of migrations made records there too: {runs}. What to do: orgweave undo {every}"


def _by_target(rows: Sequence[ChangeRow]) -> dict[Where, list[ChangeRow]]:
    found: dict[Where, list[ChangeRow]] = {}
    for row in rows:
        if row.status in (*MADE, OPEN) and row.error != UNSENT:
            found.setdefault((row.connection, row.entity), []).append(row)
    return found


def _write(row: ChangeRow) -> Write:
    before, after = typed(row.before or {}), typed(row.after or {})
    told = (row.op, str(row.canonical_id), row.source_id, before, after, row.status == OPEN, row.run_id)
    return Write(*told, found=row.status == Outcome.ADOPTED)


def _unreadable(run: Run, name: str, entity: Entity) -> tuple[str, Exit] | None:
    """Why a target cannot be brought back now."""
    connection = run.config.connections.get(name)
    if connection is None:
        return f"nothing is undone there: [connections.{name}] is not in {run.config.path}", Exit.PERSON
    key = (name, connection.vendor.resource(entity).name)
    if key in run.unread:
        return f"nothing is undone there: its {entity}s could not be read whole now", run.unread[key]
    return None


def _taken_back(run: Run, where: Where, past: Past, later: Mapping[Ref, str]) -> list[Change]:
    """The changes of one target, in their order."""
    name, entity = where
    sources = [write.source_id for write in past.writes if write.source_id]
    linked = differing.canonical(run.working, entity, name, sources)
    above = {str(value) for write in past.writes for value in _parents(write) if value}
    ids = {*linked.values(), *(write.canonical_id for write in past.writes), *above}
    policy, records = policy_of(run, entity), golden.goldens(run.working, entity, sorted(ids))
    target = target_of(run, (), where, policy, records)
    target = replace(target, names={**target.names, **called(run.working, {entity: above})})
    there = differing.belongings(run.working, entity, name, sources)
    past = replace(
        past,
        later={ref.source_id: other for ref, other in later.items() if (ref.connection, ref.entity) == where},
        members={source_id: members for source_id, (_, members) in there.items()},
        off=frozenset(source_id for source_id, (on, _) in there.items() if not on),
    )
    found = undo(past, target, records, policy)
    if name not in run.config.kinds[entity].write_to and not run.safety.written_by(RULE, name, entity):
        text = f"[{entity}s] write_to does not name {name}. What to do: name it there, as it was when the run wrote"
        found = [refuse(one, "not_written_to", text) if one.status == Status.READY else one for one in found]
    return settle(found, target)


def _parents(write: Write) -> Iterator[Value]:
    yield write.before.get("parent_id")
    yield write.after.get("parent_id")


def _targets(ready: Sequence[Change]) -> list[str]:
    return sorted({change.connection for change in ready})
