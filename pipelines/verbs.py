"""The verbs: pull, plan, apply, sync. Each works in a run, sets its exit code and returns its JSON."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mappings.migration import migrates
from mappings.model import Entity
from mappings.plan import Plan, Status, summary, unseal
from pipelines import planning, secrets
from pipelines.applying import Applier
from pipelines.asking import Want
from pipelines.auditing import audit_history, audit_model
from pipelines.config import Config
from pipelines.consenting import agree
from pipelines.destinations import load_published
from pipelines.errors import Exit, UsageError, worst
from pipelines.grounds import grounded
from pipelines.outline import what
from pipelines.picking import pick
from pipelines.planning import Planned
from pipelines.pull import Pulled, pull
from pipelines.reconcile import reconcile
from pipelines.resuming import resumable, settled
from pipelines.run import Run
from pipelines.stopping import letting_end
from pipelines.undone import let_go, not_back, takes_back
from pipelines.verify import read_back
from pipelines.writing import Ending, Result
from state.history import keep_history
from state.publish import publish
from state.questions import note_questions

Confirm = Callable[[Planned], bool]
"""Asks for consent to a plan that has ready changes."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What an apply did: each change's ending, and whether a fresh plan found nothing left of it to do."""

    plan_id: str
    results: tuple[Result, ...]
    verified: bool
    left: tuple[str, ...]


def chosen(config: Config, names: Sequence[str]) -> list[str]:
    """The connections that a command names, all where it names none. Raises ``UsageError`` for an unknown one."""
    for name in names:
        if name not in config.connections:
            known = ", ".join(config.connections)
            raise UsageError(f"there is no [connections.{name}] in {config.path}. What to do: name one of {known}")
    return list(names) or list(config.connections)


def open_secrets(run: Run, names: Iterable[str]) -> None:
    """Fetch the secrets of these connections before anything is sent, so that a missing one stops the command whole."""
    wanted = [name for name in names if name not in run.secrets]
    run.secrets = {**run.secrets, **secrets.resolve(run.config, wanted)}


def do_pull(run: Run, names: Sequence[str], want: Want) -> list[Pulled]:
    """Read these connections and bring the model up to date."""
    pulled = pull(run, names, want)
    reconcile(run)
    run.exit = worst(*(one.exit for one in pulled))
    run.summary["pull"] = pulled_json(pulled)
    return pulled


def do_plan(
    run: Run, to: frozenset[str], only: frozenset[Entity], out: Path | None, picked: Sequence[str] = ()
) -> tuple[Planned, Path]:
    """Reconcile and seal a plan, or (``picked``) a part of the one that was shown last. Touches no vendor."""
    planned = planning.compute(run, reconcile(run), to, only)
    if picked:
        planned = pick(run, planned, picked)
    planned = grounded(run, planned, to, only)
    path = planning.keep(run, planned, out)
    run.exit = worst(run.exit, *planned.exits())
    run.summary["plan"] = summary(planned.plan.changes)
    return planned, path


def read_plan(run: Run, file: Path | None) -> Plan:
    """A sealed plan: the file's, or the newest one of this workspace.

    One that was cut off may go on. Raises ``UsageError`` when it is not whole, was used, or is of another workspace or
    an earlier state of this one.
    """
    path = file or _newest(run)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        plan = unseal(document)
    except FileNotFoundError as fault:
        raise UsageError(f"{path}: there is no such plan. What to do: orgweave plan makes one") from fault
    except (ValueError, AttributeError, RecursionError, OSError) as fault:
        raise UsageError(f"{path}: not a plan that can be applied: {fault}. What to do: plan again") from fault
    kept = run.safety.plan(plan.plan_id)
    if plan.lineage != run.safety.lineage or kept is None:
        raise UsageError(f"{path}: the plan was made in another workspace. What to do: plan here")
    if kept.digest != document["digest"]:
        raise UsageError(f"{path}: not the plan that was sealed here under this id. What to do: plan again")
    if resumable(run, kept):
        return plan
    if kept.used_at is not None:
        raise UsageError(
            f"{path}: the plan was applied already ({kept.used_at:%Y-%m-%d %H:%M} UTC). What to do: plan again"
        )
    if plan.generation != run.safety.generation:
        raise UsageError(f"{path}: the workspace has moved on since the plan was made. What to do: plan again")
    return plan


def _newest(run: Run) -> Path:
    newest = run.safety.newest_plan()
    if newest is None:
        raise UsageError("there is no plan in this workspace yet. What to do: orgweave plan")
    return run.config.workspace / "plans" / f"{newest.plan_id}.json"


def targets(plan: Plan) -> list[str]:
    """The connections that a plan would write to."""
    return sorted({change.connection for change in plan.ready()})


def do_apply(run: Run, plan: Plan) -> Applied:
    """Apply a plan, or what is left of one that was cut off; read back what was written, and compute the plan again."""
    results = _written(run, plan)
    left: tuple[str, ...] = ()
    written = targets(plan)
    if written and not run.stopped:
        pulled = pull(run, written, Want(kinds={change.entity for change in plan.ready()}))
        run.exit = worst(run.exit, *(one.exit for one in pulled))
        results = read_back(run, results)
        disputes = reconcile(run)
        by_name = takes_back(plan) or migrates(plan)  # what the configured rules want is not what was asked for
        left = not_back(run, plan) if by_name else _left(plan, planning.compute(run, disputes, frozenset(written)))
    whole = all(one.status == Ending.DONE and not one.error for one in results)
    verified = whole and not left and not run.stopped and not any(key[0] in written for key in run.unread)
    run.exit = worst(run.exit, *_apply_exits(results, verified=verified))
    run.summary["apply"] = results_summary(results)
    return Applied(plan.plan_id, tuple(results), verified, left)


def _written(run: Run, plan: Plan) -> list[Result]:
    """Make the changes. A plan whose apply came to its end is used up; a cut-off one is begun where it stopped."""
    run.safety.verify()
    audit_model(run)  # no later run may have found a fault
    before: dict[str, Result] = {}
    kept = run.safety.plan(plan.plan_id)
    if kept and kept.used_at:
        run.say(f"going on with plan {plan.plan_id[:8]}, which was cut off: what has no answer is looked for first")
        pull(run, targets(plan), Want(full=True, kinds={change.entity for change in plan.ready()}))
        reconcile(run)
        before = settled(run, plan)
    else:
        run.safety.use_plan(plan.plan_id, run.clock.now())
    if migrates(plan):
        agree(run, plan.plan_id)
    let_go(run, plan)
    with letting_end(run), run.timed("write"):
        applier = Applier(run, plan, planning.ids(run), before)
        results = applier.apply()
    if not run.stopped and not applier.hurdles.later:
        run.safety.end_plan(plan.plan_id, run.clock.now())
    return results


def _left(plan: Plan, again: Planned) -> tuple[str, ...]:
    """The records of a plan that a fresh plan would still change."""
    touched = {(change.connection, change.canonical_id) for change in plan.ready()}
    return tuple(
        f"{change.connection}: {change.op} {what(change, again.paths)}"
        for change in again.plan.changes
        if (change.connection, change.canonical_id) in touched and change.status == Status.READY
    )


def _apply_exits(results: Sequence[Result], *, verified: bool) -> list[Exit]:
    return [*(one.exit for one in results), Exit.DONE if verified else Exit.PERSON]


def do_sync(run: Run, confirm: Confirm) -> tuple[list[Pulled], Planned | None, Applied | None]:
    """Pull, plan, apply, verify. A guard that trips in the pull ends the run before the first write."""
    pulled = pull(run, list(run.config.connections))
    run.exit = worst(*(one.exit for one in pulled))
    run.summary["pull"] = pulled_json(pulled)
    if run.exit == Exit.GUARD:
        reconcile(run)
        return pulled, None, None
    planned, _ = do_plan(run, frozenset(), frozenset(), None)
    if not planned.plan.ready() or Exit.GUARD in planned.exits():
        return pulled, planned, None
    if not confirm(planned):
        run.exit = worst(run.exit, Exit.PERSON)
        return pulled, planned, None
    return pulled, planned, do_apply(run, planned.plan)


def finish(run: Run) -> None:
    """Keep the history, close the run's row, publish, load: the last step of every command that changed something."""
    with run.timed("history"):
        keep_history(run.working, run.clock.now())
        audit_history(run)
        note_questions(run.working, run.clock.now())
    run.end()
    with run.timed("publish"):
        publish(run.working, run.safety, run.config.publish)
    run.say(f"published {run.config.publish}")
    load_published(run)


def pulled_json(pulled: Sequence[Pulled]) -> dict[str, Any]:
    """The reads of a pull, by connection."""
    return {
        one.connection: {
            "complete": one.exit == Exit.DONE,
            "reason": one.reason,
            "notes": list(one.notes),
            "reads": {receipt.resource: receipt.distinct for receipt in one.receipts},
            "calls": sum(receipt.calls for receipt in one.receipts),
        }
        for one in pulled
    }


def results_summary(results: Sequence[Result]) -> dict[str, int]:
    """How many changes ended how."""
    return {str(ending): sum(one.status == ending for one in results) for ending in Ending}


def applied_json(run_id: str, applied: Applied) -> Mapping[str, Any]:
    """The JSON of an apply (CONTRACT.md, section 3)."""
    return {
        "run_id": run_id,
        "plan_id": applied.plan_id,
        "results": [
            {"change_id": one.change.id, "status": one.status, "source_id": one.source_id, "error": one.error}
            for one in applied.results
        ],
        "summary": results_summary(applied.results),
        "verified": applied.verified,
        "left": list(applied.left),
    }
