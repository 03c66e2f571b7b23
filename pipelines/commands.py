"""The commands that work in a workspace: open a run, call the verbs, show, give the JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mappings.plan import Change, Status
from pipelines import explain, verbs
from pipelines.accepting import accepted
from pipelines.appliable import check_appliable
from pipelines.asking import Want
from pipelines.errors import Exit, UsageError, worst
from pipelines.fingerprint import strangers
from pipelines.markdown import markdown
from pipelines.narrowing import narrowed
from pipelines.place import make_room
from pipelines.planning import Planned
from pipelines.pull import Pulled
from pipelines.run import Run
from pipelines.sections import duration
from pipelines.writing import Ending

if TYPE_CHECKING:
    from pipelines.rehearse import Rehearsal
    from pipelines.session import Session

Outcome = tuple[Exit, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What ``plan`` was asked for."""

    to: Sequence[str]
    only: Sequence[str]
    out: Path | None
    detailed_exitcode: bool
    pick: Sequence[str] = ()
    markdown: bool = False
    rehearse: bool = False
    accept: Sequence[str] = ()


def pull_command(
    session: "Session", config: Path | None, names: Sequence[str], accept_shrink: Sequence[str], *, full: bool
) -> Outcome:
    """``orgweave pull``."""
    with session.run(config, "pull") as run:
        wanted = verbs.chosen(run.config, names)
        shrunk = frozenset(verbs.chosen(run.config, accept_shrink)) if accept_shrink else frozenset[str]()
        if unread := sorted(shrunk.difference(wanted)):
            why = f"--accept-shrink {unread[0]}: {unread[0]} is not read by this pull. What to do: name it among them"
            raise UsageError(why)
        verbs.open_secrets(run, wanted)
        pulled = verbs.do_pull(run, wanted, Want(full=full, accept_shrink=shrunk))
        verbs.finish(run)
        told = {"run_id": run.run_id, "exit_code": run.exit, "connections": verbs.pulled_json(pulled)}
        return run.exit, {**told, "seconds": run.summary["seconds"]}


def plan_command(session: "Session", config: Path | None, options: PlanOptions) -> Outcome:
    """``orgweave plan``; its JSON is the sealed plan itself."""
    with session.run(config, "plan") as run:
        to, only = narrowed(run.config, options.to, options.only)
        run.accepted = accepted(run.config, options.accept)
        if options.out:
            make_room(options.out)
        planned, path = verbs.do_plan(run, to, only, options.out, options.pick)
        rehearsed = _rehearsed(run, planned) if options.rehearse else None
        verbs.finish(run)
        if options.markdown:
            session.screen.show(markdown(planned, run.config).rstrip())
        else:
            show_plan(session, run, planned)
        if rehearsed is not None:
            session.screen.show(*rehearsed.lines())
        session.screen.say(f"the sealed plan is {path}")
        code = run.exit
        if options.detailed_exitcode and planned.plan.ready():
            code = worst(code, Exit.CHANGES)
        return code, {**planned.document, **({"rehearsal": rehearsed.json()} if rehearsed else {})}


def apply_command(
    session: "Session", config: Path | None, file: Path | None, max_wait: str | None = None, *, yes: bool
) -> Outcome:
    """``orgweave apply``."""
    with session.run(config, "apply") as run:
        run.patience = duration(max_wait or "0s", "--max-wait")
        plan = verbs.read_plan(run, file)
        check_appliable(run, plan)
        moved = strangers(run.safety, (run.config.connections[name] for name in verbs.targets(plan)))
        if moved or any(change.rule == "over_limit" for change in plan.changes):
            run.exit = Exit.GUARD
            tell_guard(session, plan.changes, moved)
            return run.exit, {"run_id": run.run_id, "plan_id": plan.plan_id, "results": [], "verified": False}
        ready = len(plan.ready())
        if ready and not yes and not session.screen.consent(f"{_changes(ready)} to {', '.join(verbs.targets(plan))}."):
            raise UsageError("nothing was written. What to do: pass --yes, or say yes on a terminal")
        verbs.open_secrets(run, verbs.targets(plan))
        applied = verbs.do_apply(run, plan)
        run.exit = worst(run.exit, _left_over(plan.changes))
        verbs.finish(run)
        show_applied(session, applied)
        session.screen.show(*_not_ready(plan.changes))
        return run.exit, {**verbs.applied_json(run.run_id, applied), "seconds": run.summary["seconds"]}


def sync_command(
    session: "Session",
    config: Path | None,
    accept: Sequence[str],
    max_wait: str | None = None,
    *,
    yes: bool,
    rehearse: bool = False,
) -> Outcome:
    """``orgweave sync``. What a rehearsal says would go wrong keeps it from writing."""
    with session.run(config, "sync") as run:
        run.patience = duration(max_wait or "0s", "--max-wait")
        run.accepted = accepted(run.config, accept)
        verbs.open_secrets(run, run.config.connections)
        rehearsals: list[Rehearsal] = []

        def confirm(planned: Planned) -> bool:
            show_plan(session, run, planned)
            if rehearse and (rehearsed := _rehearsed(run, planned)) is not None:
                rehearsals.append(rehearsed)
                session.screen.show(*rehearsed.lines())
                if not rehearsed.good:
                    return False
            return yes or session.screen.consent(f"{_changes(len(planned.plan.ready()))}.")

        pulled, planned, applied = verbs.do_sync(run, confirm)
        verbs.finish(run)
        if applied is not None:
            show_applied(session, applied)
        elif planned is not None:
            _tell_unwritten(session, run, planned, rehearsals)
        else:
            _tell_doubted(session, pulled)
        told = {"run_id": run.run_id, "exit_code": run.exit, "pull": verbs.pulled_json(pulled)}
        return run.exit, {
            **told,
            "plan": planned.document if planned else None,
            **({"rehearsal": rehearsals[0].json()} if rehearsals else {}),
            "apply": verbs.applied_json(run.run_id, applied) if applied else None,
        }


def _tell_doubted(session: "Session", pulled: Sequence[Pulled]) -> None:
    """Which reads kept a sync from planning; why each did is told with its account."""
    doubted = ", ".join(one.connection for one in pulled if one.exit == Exit.GUARD)
    session.screen.fail(f"stopped before the first write: the read of {doubted} was not whole, or not plausible")


def _tell_unwritten(session: "Session", run: Run, planned: Planned, rehearsals: Sequence["Rehearsal"]) -> None:
    """Why a sync wrote nothing of its plan, which is shown where nobody was asked about it."""
    asked = planned.plan.ready() and Exit.GUARD not in planned.exits()
    if not asked:
        show_plan(session, run, planned)
        tell_guard(session, planned.plan.changes)
    elif rehearsals and not rehearsals[0].good:
        session.screen.fail("nothing was written: the rehearsal went wrong")
    else:
        session.screen.fail("nothing was written: the changes wait for --yes, or a yes on a terminal")


def _rehearsed(run: Run, planned: Planned) -> "Rehearsal | None":
    """The rehearsal of a plan; none where a guard keeps it from being applied at all."""
    from pipelines.rehearse import rehearse

    if Exit.GUARD in planned.exits():
        return None
    rehearsed = rehearse(run, planned)
    run.exit = worst(run.exit, Exit.DONE if rehearsed.good else Exit.PERSON)
    return rehearsed


def show_plan(session: "Session", run: Run, planned: Planned) -> None:
    """The plan, for a person."""
    session.screen.show(*explain.plan(planned, run.config))


def show_applied(session: "Session", applied: verbs.Applied) -> None:
    """What an apply did, for a person: the counts, then each change that is not simply done."""
    counts = ", ".join(
        f"{number} {ending}" for ending, number in verbs.results_summary(applied.results).items() if number
    )
    verified = "verified: it reads back as it was written" if applied.verified else "not verified"
    session.screen.show(f"{counts}; {verified}" if counts else "nothing was sent")
    for one in applied.results:
        if one.status != Ending.DONE or one.error:
            session.screen.fail(f"{one.change.id} {one.change.connection}: {one.status}: {one.error}")
    for line in applied.left:
        session.screen.fail(f"still to do: {line}")


def _changes(count: int) -> str:
    return f"{count} change{'' if count == 1 else 's'}"


def _not_ready(changes: Sequence[Change]) -> Iterator[str]:
    """What of a plan is left to a person, and where it is told."""
    for status, where in ((Status.HELD, "orgweave review"), (Status.REFUSED, "orgweave plan shows why")):
        if count := sum(change.status == status for change in changes):
            yield f"{count} {status}: {where}"


def _left_over(changes: Sequence[Change]) -> Exit:
    """A plan with refused or held changes leaves something for a person."""
    return Exit.PERSON if any(change.status != Status.READY for change in changes) else Exit.DONE


def tell_guard(session: "Session", changes: Sequence[Change], moved: Mapping[str, str] | None = None) -> None:
    """Why nothing was written."""
    reasons = sorted({change.reason for change in changes if change.rule == "over_limit"})
    reasons += [f"{name}: {why}" for name, why in (moved or {}).items()]
    for reason in reasons:
        session.screen.fail(f"stopped before the first write: {reason}")
