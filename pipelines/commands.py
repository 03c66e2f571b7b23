"""The commands that work in a workspace: open a run, call the verbs, show, give the JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mappings.plan import Change, Status
from pipelines import explain, verbs
from pipelines.applying import Ending
from pipelines.asking import Want
from pipelines.config import KINDS
from pipelines.errors import Exit, UsageError, worst
from pipelines.fingerprint import strangers
from pipelines.planning import Planned
from pipelines.run import Run

if TYPE_CHECKING:
    from pipelines.session import Session

Outcome = tuple[Exit, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What ``plan`` was asked for."""

    to: Sequence[str]
    only: Sequence[str]
    out: Path | None
    detailed_exitcode: bool


def pull_command(
    session: "Session", config: Path | None, names: Sequence[str], accept_shrink: Sequence[str], *, full: bool
) -> Outcome:
    """``orgweave pull``."""
    with session.run(config, "pull") as run:
        wanted = verbs.chosen(run.config, names)
        accepted = frozenset(verbs.chosen(run.config, accept_shrink)) if accept_shrink else frozenset[str]()
        verbs.open_secrets(run, wanted)
        pulled = verbs.do_pull(run, wanted, Want(full=full, accept_shrink=accepted))
        verbs.finish(run)
        told = {"run_id": run.run_id, "exit_code": run.exit, "connections": verbs.pulled_json(pulled)}
        return run.exit, {**told, "seconds": run.summary["seconds"]}


def plan_command(session: "Session", config: Path | None, options: PlanOptions) -> Outcome:
    """``orgweave plan``; its JSON is the sealed plan itself."""
    with session.run(config, "plan") as run:
        for kind in options.only:
            if kind not in KINDS:
                raise UsageError(f"--only {kind}: one of {', '.join(KINDS)}")
        to = frozenset(verbs.chosen(run.config, options.to)) if options.to else frozenset[str]()
        planned, path = verbs.do_plan(run, to, frozenset(KINDS[kind] for kind in options.only), options.out)
        verbs.finish(run)
        _show_plan(session, run, planned)
        session.screen.say(f"the sealed plan is {path}")
        code = run.exit
        if options.detailed_exitcode and planned.plan.ready():
            code = worst(code, Exit.CHANGES)
        return code, planned.document


def apply_command(session: "Session", config: Path | None, file: Path | None, *, yes: bool) -> Outcome:
    """``orgweave apply``."""
    with session.run(config, "apply") as run:
        plan = verbs.read_plan(run, file)
        verbs.check_appliable(run, plan)
        moved = strangers(run.safety, (run.config.connections[name] for name in verbs.targets(plan)))
        if moved or any(change.rule == "over_limit" for change in plan.changes):
            run.exit = Exit.GUARD
            _tell_guard(session, plan.changes, moved)
            return run.exit, {"run_id": run.run_id, "plan_id": plan.plan_id, "results": [], "verified": False}
        ready = len(plan.ready())
        if ready and not yes and not session.screen.consent(f"{ready} changes to {', '.join(verbs.targets(plan))}."):
            raise UsageError("nothing was written. What to do: pass --yes, or say yes on a terminal")
        verbs.open_secrets(run, verbs.targets(plan))
        applied = verbs.do_apply(run, plan)
        run.exit = worst(run.exit, _left_over(plan.changes))
        verbs.finish(run)
        _show_applied(session, applied)
        return run.exit, verbs.applied_json(run.run_id, applied)


def sync_command(session: "Session", config: Path | None, *, yes: bool) -> Outcome:
    """``orgweave sync``."""
    with session.run(config, "sync") as run:
        verbs.open_secrets(run, run.config.connections)

        def confirm(planned: Planned) -> bool:
            _show_plan(session, run, planned)
            return yes or session.screen.consent(f"{len(planned.plan.ready())} changes.")

        pulled, planned, applied = verbs.do_sync(run, confirm)
        verbs.finish(run)
        if applied is not None:
            _show_applied(session, applied)
        elif planned is None:
            session.screen.fail("stopped before the first write: a read was not whole, or not plausible (see above)")
        elif any(change.rule == "over_limit" for change in planned.plan.changes):
            _show_plan(session, run, planned)
            _tell_guard(session, planned.plan.changes)
        elif planned.plan.ready():
            session.screen.fail("nothing was written: the changes wait for --yes, or a yes on a terminal")
        else:
            _show_plan(session, run, planned)
        return run.exit, {
            "run_id": run.run_id,
            "exit_code": run.exit,
            "pull": verbs.pulled_json(pulled),
            "plan": planned.document if planned else None,
            "apply": verbs.applied_json(run.run_id, applied) if applied else None,
        }


def _show_plan(session: "Session", run: Run, planned: Planned) -> None:
    session.screen.show(*explain.plan(planned, run.config))


def _show_applied(session: "Session", applied: verbs.Applied) -> None:
    counts = ", ".join(
        f"{number} {ending}" for ending, number in verbs.results_summary(applied.results).items() if number
    )
    verified = "verified: a fresh plan finds nothing left" if applied.verified else "not verified"
    session.screen.show(f"{counts or 'nothing was sent'}; {verified}")
    for one in applied.results:
        if one.status != Ending.DONE or one.error:
            session.screen.fail(f"{one.change.id} {one.change.connection}: {one.status}: {one.error}")
    for line in applied.left:
        session.screen.fail(f"still to do: {line}")


def _left_over(changes: Sequence[Change]) -> Exit:
    """A plan with refused or held changes leaves something for a person."""
    return Exit.PERSON if any(change.status != Status.READY for change in changes) else Exit.DONE


def _tell_guard(session: "Session", changes: Sequence[Change], moved: Mapping[str, str] | None = None) -> None:
    reasons = sorted({change.reason for change in changes if change.rule == "over_limit"})
    reasons += [f"{name}: {why}" for name, why in (moved or {}).items()]
    for reason in reasons:
        session.screen.fail(f"stopped before the first write: {reason}")
