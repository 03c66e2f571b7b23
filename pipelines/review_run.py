"""Decisions carried out: one run for one or several, one reconcile, one publication. No vendor is written to."""

import getpass
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mappings.model import Entity, Method, Ref
from pipelines import verbs
from pipelines.errors import Exit, UsageError
from pipelines.explain import printable
from pipelines.looking import check_published
from pipelines.reconcile import reconcile
from pipelines.review_waiting import left_over
from pipelines.run import Run
from state.decisions import MATCHING
from state.links import refresh_links
from state.published import Published, open_published
from state.questions import Conflict, Proposal, conflicts, proposals, remote, surviving
from state.safety import Decision, Effects, Verdict

if TYPE_CHECKING:
    from pipelines.session import Session

Outcome = tuple[Exit, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Who:
    """Who decides, and what they say about it."""

    by: str
    note: str | None = None


def who(by: str | None, note: str | None = None) -> Who:
    """Who decides: as told, else by the login name. Raises ``UsageError`` where there is none."""
    if by is not None:
        if not by.strip():
            raise UsageError("--by: a name is missing. What to do: name who decides, or leave it out")
        return Who(by.strip(), note)
    try:
        return Who(getpass.getuser(), note)
    except (OSError, KeyError, ImportError) as fault:  # a container's user may have no name
        raise UsageError("nobody knows who decides: this user has no login name. What to do: --by NAME") from fault


@dataclass(frozen=True, slots=True)
class Made:
    """One decision, what it changes, and how a person would say it."""

    decision: Decision
    effects: Effects
    said: str


@dataclass(slots=True)
class Bench:
    """What a decision is made of: the run, the model as it was published, who decides, and what waits."""

    run: Run
    published: Published
    who: Who
    proposals: Sequence[Proposal] = field(default_factory=list)
    conflicts: Sequence[Conflict] = field(default_factory=list)

    def decision(
        self, verdict: Verdict, subject: str, entity: Entity, told: Mapping[str, Any], **about: Any
    ) -> Decision:
        """A decision of this run, by whom it is made; ``about``: the record and the field."""
        at = self.run.clock.now()
        return Decision(
            *(verdict, subject, entity, self.who.by, at, self.run.run_id), told=told, note=self.who.note, **about
        )


@dataclass(frozen=True, slots=True)
class Want:
    """A decision that somebody asks for: which command it is, and how it is made. ``make`` raises ``UsageError``."""

    command: str
    make: Callable[[Bench], Made]


def carry_out(session: "Session", config: Path | None, who: Who, wants: Sequence[Want]) -> Outcome:
    """Decide, reconcile, publish, and say what changed and what still waits."""
    with session.run(config, f"review {wants[0].command}" if len(wants) == 1 else "review") as run:
        check_published(run.config)
        before = _waiting_ids(run)
        with open_published(run.config.publish) as published:
            made, refused = _decided(Bench(run, published, who, proposals(run.working), conflicts(run.working)), wants)
        reconcile(run)
        left = {"proposals": len(proposals(run.working)), "conflicts": len(conflicts(run.working))}
        if any(left.values()) or refused:
            run.exit = Exit.PERSON
        run.summary["decided"] = len(made)
        verbs.finish(run)
        with open_published(run.config.publish) as published:
            held = len(left_over(published)[0])
        for why in refused:
            session.screen.fail(why)
        after = [line for one in made for line in (one.said, _after(run, one.decision)) if line]
        session.screen.show(*map(printable, after), _left(before, _waiting_ids(run), made, left, held))
        told = [_json(one) for one in made]
        many = {"decisions": told} if len(wants) > 1 else {"decision": told[0]}
        return run.exit, {"run_id": run.run_id, **many, "waiting": left}


def _decided(bench: Bench, wants: Sequence[Want]) -> tuple[list[Made], list[str]]:
    """Carry out each; of several, one that cannot be is told and left, for somebody may have been quicker."""
    made: list[Made] = []
    refused: list[str] = []
    for want in wants:
        try:
            one = want.make(bench)
        except UsageError as fault:
            if len(wants) == 1:
                raise
            refused.append(f"not decided: {fault}")
            continue
        bench.run.safety.decide(one.decision, one.effects)
        made.append(one)
        if len(wants) > 1:
            refresh_links(bench.run.working, bench.run.safety)
    return made, refused


def _waiting_ids(run: Run) -> set[str]:
    return {
        *(one.proposal_id for one in proposals(run.working)),
        *(one.conflict_id for one in conflicts(run.working)),
    }


def _after(run: Run, decision: Decision) -> str:
    """What became of it, where the decision alone does not tell."""
    if decision.verdict in MATCHING:
        if decision.verdict in (Verdict.ACCEPT, Verdict.LINK):
            return ""
        return _became(run, decision)
    field, key = str(decision.field), str(decision.canonical_id)
    value, connection = surviving(run.working, decision.entity, key, field)
    whose = f", of {connection}" if connection in run.config.connections else ""
    return f"{field} is {'(empty)' if value is None else value} now{whose}"


def _became(run: Run, decision: Decision) -> str:
    ref = Ref(str(decision.connection), decision.entity, str(decision.source_id))
    for one in remote(run.working, ref.connection, ref.source_id):
        if one.ref == ref and one.canonical_id:
            own = "a record of its own" if one.method is Method.FOUNDED else "linked to another record"
            return f"{ref.connection}:{ref.source_id} is {own} now (id {one.canonical_id[:8]})"
    waits = [one.reason for one in proposals(run.working) if one.ref == ref]
    return f"{ref.connection}:{ref.source_id} waits again: {waits[0]}" if waits else ""


def _left(before: set[str], after: set[str], made: Iterable[Made], left: Mapping[str, int], held: int) -> str:
    own = {one.decision.subject for one in made}
    settled = len(before - after - own)
    along = f"{settled} more {'needs' if settled == 1 else 'need'} no decision any more; " if settled else ""
    if not any(left.values()):
        told = f"; {held} held change{' waits' if held == 1 else 's wait'} still: orgweave review" if held else "."
        return f"{along}no match and no conflict waits any more{told}"
    waits = [f"{count} {name if count != 1 else name[:-1]}" for name, count in left.items() if count]
    wait = "waits" if sum(left.values()) == 1 else "wait"
    return f"{along}{' and '.join(waits)} still {wait}: orgweave review"


def _json(one: Made) -> dict[str, Any]:
    decision = one.decision
    told = (
        *("verdict", "subject", "entity", "connection", "source_id", "canonical_id", "field"),
        *("decided_by", "decided_at", "note"),
    )
    return {name: getattr(decision, name) for name in told} | {"value": decision.told.get("value"), "said": one.said}
