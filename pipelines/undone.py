"""What an apply does beside the writes for an undo or a migration: it lets dead links go, and looks that all is so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mappings.diff import canonical_value
from mappings.migration import RULE as MIGRATE
from mappings.model import Entity, Op, Ref
from mappings.naming import same
from mappings.parking import TEMPORARY
from mappings.plan import Change, Plan
from mappings.target import Target
from mappings.undo import RULE
from pipelines.called import paths_of
from pipelines.outline import what
from pipelines.run import Run
from pipelines.targeting import policy_of, target_of
from state import differing, golden
from state.links import refresh_links


def takes_back(plan: Plan) -> bool:
    """Whether a plan takes an earlier run back: a fresh plan may then want the very thing that it undid."""
    return any(change.rule == RULE for change in plan.changes)


def let_go(run: Run, plan: Plan) -> None:
    """End the links of records that are gone and that the plan makes again: each gets a new id, and a link to that."""
    again = [change for change in plan.ready() if change.op == Op.CREATE and change.rule in (RULE, MIGRATE)]
    for name, entity in sorted({(change.connection, change.entity) for change in again}):
        made = {change.canonical_id for change in again if (change.connection, change.entity) == (name, entity)}
        there = run.working.present_ids(name, entity)
        for source_id, key in run.safety.linked_ids(name, entity).items():
            if key in made and source_id not in there:
                run.safety.unlink(Ref(name, entity, source_id), run.run_id, run.clock.now())
    if again:
        refresh_links(run.working, run.safety)  # or the apply would take the dead ones for there already


def not_back(run: Run, plan: Plan) -> tuple[str, ...]:
    """What of such a plan a fresh read does not show as it says, in words."""
    paths = paths_of(run.working, plan.ready())
    found: list[str] = []
    for where in sorted({(change.connection, change.entity) for change in plan.ready()}):
        rows = [one for one in plan.ready() if (one.connection, one.entity) == where and one.rule != TEMPORARY]
        look = _look(run, where, sorted({change.canonical_id for change in rows}))
        found += [
            f"{change.connection}: {change.op} {what(change, paths)}: {why}"
            for change in rows
            for why in look.missing(change)
        ]
    return tuple(found)


def _look(run: Run, where: tuple[str, Entity], ids: Sequence[str]) -> "_Look":
    name, entity = where
    target = target_of(run, (), where, policy_of(run, entity), golden.goldens(run.working, entity, ids))
    return _Look(target, differing.belongings(run.working, entity, name, list(target.shadows)))


@dataclass(frozen=True, slots=True)
class _Look:
    """A target as it was read after the undo; ``belongings``: source id → whether it is on, and how many members."""

    target: Target
    belongings: Mapping[str, tuple[bool, int]]

    def missing(self, change: Change) -> Iterator[str]:
        """What of a change does not show."""
        here = str(self.target.here.get(change.canonical_id, change.source_id))
        shadow = self.target.shadows.get(here)
        there = shadow is not None and shadow.active
        if change.op == Op.DELETE:
            if there:
                yield "it is there still"
        elif shadow is None or not there:
            yield "it is not there"
        else:
            seen = {name: canonical_value(self.target, name, value) for name, value in shadow.values.items()}
            seen |= {"active": self.belongings[here][0]} if here in self.belongings else {}
            for name, value in change.after.items():
                if not same(value, seen.get(name)):
                    yield f"{name} is {self.target.told(name, seen.get(name))}, not {self.target.told(name, value)}"
