"""Plan: compare the golden records with every target that may be written, and seal the changes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from mappings.diff import diff
from mappings.limits import check
from mappings.missing import Dropped, leaving, missing
from mappings.model import Dispute, Entity
from mappings.naming import SEPARATOR
from mappings.order import number, settle, uncircled
from mappings.plan import Change, Plan, Status, price, seal
from mappings.shortening import fitted
from mappings.target import Policy
from pipelines.called import paths_of
from pipelines.dropping import dropped_at, unread_authority
from pipelines.errors import Exit, UsageError
from pipelines.run import Run, new_id
from pipelines.sections import KindSection
from pipelines.targeting import policy_of, target_of
from pipelines.uncollected import uncollected
from state import differing, golden
from state.links import linked
from state.safety import Spent


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, its sealed document, and what could not be planned: (connection, why, exit).

    ``paths``: canonical id → the names from the root down, of all records that the plan speaks of. ``budgets``: what
    each connection with a daily budget of writes has used up of it. ``old``: accounts whose last read failed → when the
    one began that the plan stands on. ``lacks``: why there was nobody to compare with (both: grounds.py).
    """

    plan: Plan
    document: Mapping[str, Any]
    skipped: tuple[tuple[str, str, Exit], ...]
    paths: Mapping[str, tuple[str, ...]]
    budgets: Mapping[str, Spent]
    old: Mapping[str, datetime] = field(default_factory=dict)
    lacks: str = ""

    @property
    def names(self) -> dict[str, str]:
        """Canonical id → what a person calls the record."""
        return {one: SEPARATOR.join(path) for one, path in self.paths.items()}

    def exits(self) -> list[Exit]:
        """The exit codes that the plan calls for by itself."""
        codes = [code for _, _, code in self.skipped]
        if any(change.rule == "over_limit" for change in self.plan.changes):
            codes.append(Exit.GUARD)
        if any(change.status != Status.READY for change in self.plan.changes):
            codes.append(Exit.PERSON)
        return codes


@uncollected()
def compute(
    run: Run, disputes: Sequence[Dispute], to: frozenset[str] = frozenset(), only: frozenset[Entity] = frozenset()
) -> Planned:
    """The plan for these targets and kinds (all where none is named). Touches no vendor and keeps nothing."""
    draft = _Draft(run, disputes)
    for entity, kind in run.config.kinds.items():
        targets = [name for name in kind.write_to if not to or name in to]
        if targets and (not only or entity in only):
            draft.add(entity, kind, targets)
    return sealed(run, number(check(draft.changes, draft.held, run.config.limits, run.accepted)), draft.skipped)


def sealed(
    run: Run, changes: Sequence[Change], skipped: Sequence[tuple[str, str, Exit]] = (), part_of: str | None = None
) -> Planned:
    """A plan of these changes, which are all numbered, in order and within the limits: priced and sealed.

    ``part_of``: the id of the plan that they were picked of.
    """
    cards = {name: connection.card for name, connection in run.config.connections.items()}
    budgets = {name: spent for name in cards if (spent := run.budget(name).spent())}
    plan = Plan(
        plan_id=new_id(),
        created_at=run.clock.now(),
        lineage=run.safety.lineage,
        generation=run.safety.generation,
        changes=tuple(changes),
        price=price(changes, cards, {name: spent.left for name, spent in budgets.items()}),
        accepted=run.accepted,
    )
    return Planned(plan, seal(plan, part_of), tuple(skipped), paths_of(run.working, changes), budgets)


@dataclass(slots=True)
class _Draft:
    """The changes as they come together, kind by kind and target by target."""

    run: Run
    disputes: Sequence[Dispute]
    changes: list[Change] = field(default_factory=list)
    skipped: list[tuple[str, str, Exit]] = field(default_factory=list)
    held: dict[tuple[str, Entity], int] = field(default_factory=dict)

    def add(self, entity: Entity, kind: KindSection, targets: Iterable[str]) -> None:
        """Plan one kind for its targets, or say why it cannot be planned."""
        unread = [name for name in kind.authority if not self._was_read(name, entity)]
        if unread:
            why = f"no {entity}s planned: {unread[0]}, an authority, {_never_read(unread[0])}"
            self.skipped.append((unread[0], why, Exit.CONNECTION))
            return
        policy = policy_of(self.run, entity)
        for name in targets:
            resource = self.run.config.connections[name].vendor.resource(entity).name
            never = not self._was_read(name, entity)
            if never or (name, resource) in self.run.unread:
                why = f"no {entity}s planned: {f'it {_never_read(name)}' if never else 'its last read was not whole'}"
                self.skipped.append((name, why, self.run.unread.get((name, resource), Exit.CONNECTION)))
                continue
            self.held[name, entity] = differing.held(self.run.working, entity, name)
            self._compare(name, entity, policy)

    def _compare(self, name: str, entity: Entity, policy: Policy) -> None:
        """Compare with one target what may differ there; where nothing does, nothing else is looked at."""
        working, carries = self.run.working, self.run.config.connections[name].card.entities[entity].carries
        ids = differing.differing(working, entity, name, carries, policy.authority)
        dropped = self._dropped(name, entity)
        if not ids and not dropped:
            return
        names, records = differing.names(working, entity, ids), golden.goldens(working, entity, ids)
        known = {**records, **(dropped.records if dropped else {})}
        target = target_of(self.run, self.disputes, (name, entity), policy, known)
        names = fitted(names, target, shorten=False)  # a migration may have cut some, with leave
        drafts = uncircled(list(diff(records, names, target, policy)), partial(differing.circled, working))
        if dropped:
            drafts += missing(dropped, target, policy, leaving(drafts))
        self.changes += settle(drafts, target)

    def _dropped(self, name: str, entity: Entity) -> Dropped | None:
        """What the target is to give up; nothing while an authority could not be read, which is said."""
        dropped = dropped_at(self.run, name, entity)
        blind = unread_authority(self.run, entity) if dropped else None
        if blind is None:
            return dropped
        authority, code = blind
        why = f"no {entity} is taken away at {name}: the last read of {authority}, an authority, was not whole"
        self.skipped.append((name, why, code))
        return None

    def _was_read(self, name: str, entity: Entity) -> bool:
        resource = self.run.config.connections[name].vendor.resource(entity).name
        return resource in self.run.working.raw.read_whole(name)


def _never_read(name: str) -> str:
    return f"was never read whole. What to do: orgweave pull {name}"


def ids(run: Run) -> dict[tuple[str, Entity], dict[str, str]]:
    """Canonical id → source id, by connection and entity."""
    return {(name, one): dict(here) for one in Entity for name, here in linked(run.working, one).items()}


def keep(run: Run, planned: Planned, out: Path | None = None) -> Path:
    """Write the sealed plan into the workspace (and to ``out``), and remember it. Returns where it is."""
    text = msgspec.json.format(json.dumps(planned.document, ensure_ascii=False), indent=1)
    folder = run.config.workspace / "plans"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{planned.plan.plan_id}.json"
    for place in filter(None, (out, path)):
        try:
            place.write_text(text + "\n", encoding="utf-8")
        except OSError as fault:
            raise UsageError(
                f"{place}: cannot be written: {fault.strerror}. What to do: check the folder, its rights and its disk"
            ) from fault
    run.safety.add_plan(
        planned.plan.plan_id,
        planned.document["digest"],
        run.run_id,
        planned.plan.created_at,
        planned.document["changes"],
    )
    return out or path
