"""``orgweave migrate``: a one-off move between two accounts, with a loss report, a rehearsal and a parity check."""

import difflib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mappings.loss import Loss
from mappings.migration import Move
from mappings.model import Entity
from mappings.parity import FINE
from mappings.plan import Status, summary
from pipelines import verbs
from pipelines.accepting import accepted
from pipelines.asking import Want
from pipelines.commands import show_applied, show_plan, tell_guard
from pipelines.consenting import agree
from pipelines.errors import Exit, UsageError, worst
from pipelines.migrating import Migration, Wanted, compute, parity, propose_found
from pipelines.migration_losses import fields_of, losses_of
from pipelines.migration_options import Options, moves_of
from pipelines.migration_shown import (
    found_json,
    found_lines,
    loss_json,
    loss_lines,
    loss_sheet,
    lost_fields,
    parity_json,
    parity_lines,
    parity_sheet,
    write,
)
from pipelines.people_file import People, people_of, text_of
from pipelines.planning import keep
from pipelines.pull import Pulled, pull
from pipelines.reconcile import reconcile
from pipelines.rehearse import Rehearsal, rehearse
from pipelines.run import Run
from pipelines.sections import duration
from state.links import refresh_links

if TYPE_CHECKING:
    from pipelines.session import Session

FRESH = timedelta(minutes=2)  # what was read to plan is near enough: the creates themselves take longer

Outcome = tuple[Exit, Mapping[str, Any]]


def migrate_command(session: "Session", config: Path | None, options: Options) -> Outcome:
    """``orgweave migrate``."""
    with session.run(config, "migrate") as run:
        run.patience = duration(options.max_wait or "0s", "--max-wait")
        run.accepted, run.fresh = accepted(run.config, options.accept), FRESH
        moves = moves_of(run.config, options)
        pulled, migration, people = _planned(run, moves, options)
        told = {"run_id": run.run_id, "from": options.source, "to": options.target, "pull": verbs.pulled_json(pulled)}
        if options.check:
            more = _compared(session, run, migration, options)
        else:
            more = _moved(session, run, migration, people, options)
        refresh_links(run.working, run.safety)  # what was only tried goes
        verbs.finish(run)
        return run.exit, {**told, "exit_code": run.exit, **more, "seconds": run.summary["seconds"]}


def _planned(run: Run, moves: Sequence[Move], options: Options) -> tuple[list[Pulled], Migration, People]:
    """Read both accounts and plan. For a check everything is read, not only what changed."""
    names = [options.source, options.target]
    if options.people is not None:
        text_of(options.people)  # before anything is read: a wrong path should not cost calls
    verbs.open_secrets(run, names)
    kinds = {one for move in moves for one in (move.entity, move.into)}
    kinds |= {Entity.PERSON} if Entity.TASK in kinds else set()  # only a task needs the people of the target
    pulled = pull(run, names, Want(full=options.check, kinds=kinds))
    run.exit = worst(run.exit, *(one.exit for one in pulled))
    run.summary["pull"] = verbs.pulled_json(pulled)
    disputes = reconcile(run)
    people = people_of(run, options.people, options.source, options.target) if Entity.PERSON in kinds else People()
    if options.people is not None and Entity.PERSON not in kinds:
        run.say("--people is for tasks, and none are moved: the file is not used")
    wanted = Wanted(tuple(moves), options.subtree, options.sample, people.told, options.shorten)
    return pulled, compute(run, wanted, disputes), people


def _compared(session: "Session", run: Run, migration: Migration, options: Options) -> dict[str, Any]:
    """Both sides, side by side; nothing is planned for an apply, and nothing written."""
    whole = options.subtree is None and options.sample is None
    pairs = [one for leg in migration.legs for one in parity(run, leg, whole=whole)]
    skipped = migration.planned.skipped
    good = not skipped and all(one.state in FINE for one in pairs)
    run.exit = worst(run.exit, *(code for _, _, code in skipped), Exit.DONE if good else Exit.PERSON)
    session.screen.show(*parity_lines(pairs, options.target, good=good))
    for name, why, _ in skipped:
        session.screen.fail(f"{name}: {why}")
    for place in write(parity_sheet(pairs), options.markdown, options.csv):
        session.screen.say(f"both sides, record by record: {place}")
    return {"parity": parity_json(pairs, options.target, good=good)}


def _moved(session: "Session", run: Run, migration: Migration, people: People, options: Options) -> dict[str, Any]:
    """Show the plan, its losses and how it would go; write it where ``--yes`` says so and nothing stands against it."""
    planned, losses = migration.planned, losses_of(run, migration)
    show_plan(session, run, planned)
    session.screen.show(*found_lines(migration), *loss_lines(losses, migration.size))
    for place in write(loss_sheet(losses, migration.size), options.markdown, options.csv):
        session.screen.say(f"the loss report: {place}")
    run.exit = worst(run.exit, *planned.exits())
    run.summary["plan"] = summary(planned.plan.changes)
    told: dict[str, Any] = {"plan": planned.document, "loss": loss_json(losses), "adopted": found_json(migration)}
    if stops := _stops(run, migration, losses, options):
        run.exit = worst(run.exit, Exit.GUARD)
        for why in stops:
            session.screen.fail(f"stopped before the first write: {why}")
        return told
    path = keep(run, planned)
    propose_found(run, migration)
    run.safety.propose_successors(planned.plan.plan_id, people.found, run.clock.now())
    if Exit.GUARD in planned.exits():
        tell_guard(session, planned.plan.changes)
        return told
    rehearsed = _rehearsed(session, run, migration) if options.rehearse else None
    told |= {"rehearsal": rehearsed.json()} if rehearsed else {}
    if rehearsed is not None and not rehearsed.good:
        session.screen.fail("nothing was written: the rehearsal went wrong (see above). What to do: mend that, or")
        session.screen.fail("migrate with --no-rehearse, where the account is known to behave otherwise")
        return told
    made = _made(session, run, migration, path if not options.yes else None)
    if rest := [one for one in planned.plan.changes if one.status != Status.READY]:
        waits = next((one.reason for one in rest if one.rule == "outcome_unknown"), "the plan says why, and what to do")
        session.screen.fail(f"{len(rest)} of {len(planned.plan.changes)} changes are not made: {waits}")
    return told | made


def _made(session: "Session", run: Run, migration: Migration, sealed: Path | None) -> dict[str, Any]:
    """Make the changes, and keep what was found; where the plan is only ``sealed`` say so."""
    plan = migration.planned.plan
    if sealed is None:
        agree(run, plan.plan_id)
    if not plan.ready():
        return {}
    if sealed is not None:
        session.screen.say(f"the sealed plan is {sealed}")
        session.screen.show("Nothing was written. What to do: --yes, or orgweave apply, makes this plan.")
        return {}
    applied = verbs.do_apply(run, plan)
    show_applied(session, applied)
    return {"apply": verbs.applied_json(run.run_id, applied)}


def _stops(run: Run, migration: Migration, losses: Sequence[Loss], options: Options) -> list[str]:
    """What ``--fail-on-loss`` stops for. ``UsageError`` for a field that nothing could lose: it would never stop."""
    if not options.fail_on_loss:
        return []
    known = {name.casefold(): name for leg in migration.legs for name in fields_of(run, leg.move)}
    for name in options.fail_on_loss if migration.legs else ():
        if name.casefold() not in known:
            near = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.0)
            hint = f"; did you mean {known[near[0]]}?" if near else ""
            raise UsageError(f"--fail-on-loss {name}: no record of {options.source} has such a field{hint}")
    return lost_fields(losses, options.fail_on_loss)


def _rehearsed(session: "Session", run: Run, migration: Migration) -> Rehearsal:
    """The plan, applied to emulated vendors; shown."""
    rehearsed = rehearse(run, migration.planned)
    if migration.planned.plan.ready():
        session.screen.show(*rehearsed.lines())
    run.exit = worst(run.exit, Exit.DONE if rehearsed.good else Exit.PERSON)
    return rehearsed
