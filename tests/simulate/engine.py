"""A run of orgweave over a mind: what pull, reconcile, plan and apply do, with the real code wherever it decides."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from mappings.match import match
from mappings.model import Dispute, Entity, Ref
from mappings.plan import unseal
from mappings.receipt import Mode
from pipelines import applying, planning, settle, verbs
from pipelines.asking import Want
from pipelines.errors import Exit, worst
from pipelines.planning import Planned
from pipelines.plausible import disbelieved, plausible
from pipelines.pull import Pulled
from pipelines.reconcile import ranked, voters
from pipelines.resuming import resumable
from pipelines.run import Run
from pipelines.verbs import Applied
from sources.errors import Incomplete
from sources.reading import Read, Slip, read
from sources.vendor import Resource
from tests.simulate import queries
from tests.simulate.deck import Deck
from tests.simulate.merge import Voice
from tests.simulate.mind import Mind, Seen


@dataclass
class Synced:
    """What a run did: the plan that it sealed, where it did, and what a plan says after it."""

    planned: Planned | None
    applied: Applied | None
    after: Planned


def voices(run: Run) -> dict[Entity, dict[str, Voice]]:
    """Every connection's voice, as the configuration gives it."""
    found: dict[Entity, dict[str, Voice]] = {}
    for one in voters(run):
        carries = found.setdefault(one.entity, {}).get(one.connection)
        fields = (carries.carries if carries else frozenset()) | {one.field}
        found[one.entity][one.connection] = Voice(one.rank, one.authority, one.on_conflict, fields)
    return found


@dataclass
class Engine:
    """Makes runs. ``plans``: the documents that were sealed, in their order."""

    mind: Mind
    plans: list[Mapping[str, Any]]
    sealed: Callable[[], None]
    deck: Deck
    reads: Iterator[int] = field(default_factory=count)
    guarded: bool = False  # whether a guard stopped a read of the last run: a person must say that it may be believed

    def sync(self, run: Run) -> Synced:
        """``do_sync`` of pipelines/verbs.py."""
        with self._standing_in():
            _, planned, applied = verbs.do_sync(run, lambda _planned: True)
            self.guarded = Exit.GUARD in run.unread.values()
            return Synced(planned, applied, self._after(run, planned, applied))

    def resume(self, run: Run) -> Synced | None:
        """Go on with the newest plan where its apply was cut off, as ``apply`` does; None where it was not."""
        kept = run.safety.newest_plan()
        if kept is None or not resumable(run, kept):
            return None
        with self._standing_in():
            applied = verbs.do_apply(run, unseal(next(one for one in self.plans if one["plan_id"] == kept.plan_id)))
            return Synced(None, applied, self._after(run, None, applied))

    def _after(self, run: Run, planned: Planned | None, applied: Applied | None) -> Planned:
        return planned if planned and not applied else planning.compute(run, self.mind.disputes)

    @contextmanager
    def _standing_in(self) -> Iterator[None]:
        """Let the verbs pull into a mind, and reconcile it; plans are kept here, and no thread is started."""
        workers = partial(nullcontext, self.deck)
        stands: list[tuple[Any, str, Any]] = [
            *(
                (verbs, "pull", self.pull),
                (verbs, "reconcile", self.reconcile),
                (verbs, "audit_model", lambda _run: None),
            ),
            *((planning, "keep", self.keep), (applying, "wait", self.deck.wait)),
            (applying, "Workers", lambda _room: workers()),
        ]
        before = [(module, name, getattr(module, name)) for module, name, _ in stands]
        for module, name, stand in stands:
            setattr(module, name, stand)
        try:
            yield
        finally:
            for module, name, real in before:
                setattr(module, name, real)

    def keep(self, run: Run, planned: Planned, out: Path | None = None) -> Path:
        """``keep`` of pipelines/planning.py, without the file."""
        plan, document = planned.plan, planned.document
        self.plans.append(document)
        run.safety.add_plan(plan.plan_id, document["digest"], run.run_id, plan.created_at, document["changes"])
        self.sealed()
        return out or Path()

    def pull(self, run: Run, names: Iterable[str], _want: Want | None = None) -> list[Pulled]:
        """``pull`` of pipelines/pull.py: every read is a full one."""
        return [self._pulled(run, name) for name in names]

    def _pulled(self, run: Run, name: str) -> Pulled:
        reads: list[Read] = []
        for resource in run.config.connections[name].vendor.resources:
            run.unread.pop((name, resource.name), None)
            slip = Slip(f"{run.run_id}-{next(self.reads)}", run.run_id, name)
            bases = run.safety.bases_version
            one = plausible(run, read(run.client(name), resource, slip), resource)
            reads.append(self._taken(run, resource, one, bases))
        faults = [one.fault for one in reads if one.fault is not None]
        code = worst(*(Exit.GUARD if isinstance(one, Incomplete) else Exit.CONNECTION for one in faults))
        return Pulled(name, tuple(one.receipt for one in reads), code, "; ".join(map(str, faults)) or None)

    def _taken(self, run: Run, resource: Resource, one: Read, bases: int) -> Read:
        """Believe a read that is whole, and keep its receipt: ``_believe`` of pipelines/pull.py."""
        name, entity = one.receipt.connection, resource.entity
        seen = {row.source_id: _seen(json.loads(row.record), resource) for page in one.pages for row in page}
        if one.receipt.complete and (stale := self._stale(name, entity, seen)):
            one = disbelieved(one, f"{stale} of them are older than when they were last read")
        run.safety.add_receipts([one.receipt])
        if one.fault is not None:
            run.unread[name, resource.name] = Exit.GUARD if isinstance(one.fault, Incomplete) else Exit.CONNECTION
            run.say(f"{name}: not read: {one.fault}")
        elif one.receipt.complete and one.receipt.mode is Mode.FULL:
            self.mind.set_shadows(name, entity, seen, bases)
            self.mind.raw.whole[name].add(resource.name)
            run.read[name, resource.name] = one.receipt.started_at
        return one

    def _stale(self, name: str, entity: Entity, seen: Mapping[str, Seen]) -> int:
        old = self.mind.shadows[name, entity]
        there = {key: one for key, one in old.items() if one.present and not one.restored}
        return sum(key in there and new.updated < there[key].updated for key, new in seen.items())

    def reconcile(self, run: Run) -> list[Dispute]:
        """``reconcile`` of pipelines/reconcile.py."""
        mind, safety = self.mind, run.safety
        settle.settle_unknown(run)
        mind.refresh_links(safety)
        mind.refresh_parked(safety, run.run_id, run.clock.now())
        mind.refresh_bases(safety)
        mind.take_written()
        mind.survive()
        mind.disputes = []
        for entity in run.config.kinds:
            self._match(run, entity)
        mind.survive()
        agreed = mind.agree()
        before = safety.bases_version
        if agreed:
            safety.agree(agreed, run.run_id, run.clock.now())
        mind.took(agreed, safety.bases_version, in_step=before == mind.bases_known)
        return mind.disputes

    def _match(self, run: Run, entity: Entity) -> None:
        waiting = queries.unlinked(self.mind, entity)
        names = [name for name in ranked(run, entity) if name in waiting]
        if not names:
            return
        there = {
            Ref(name, entity, source_id): one
            for name, links in queries.linked(self.mind, entity).items()
            for one, source_id in links.items()
        }
        cards = {name: run.config.connections[name].card.entities[entity] for name in names}
        found = match(
            queries.known(self.mind, entity),
            {name: waiting[name] for name in names},
            there,
            frozenset(name for name in names if cards[name].tree),
            aliases=run.config.aliases[entity],
            apart=run.safety.cannot_links(),
            names=queries.other_names(self.mind, entity),
        )
        if found.links:
            run.safety.add_links(found.links, run.run_id, run.clock.now())
            self.mind.refresh_links(run.safety)
        self.mind.disputes += found.disputes


def _seen(record: Mapping[str, Any], resource: Resource) -> Seen:
    """A vendor's record as its mapping's SQL makes a shadow of it."""
    values = {ours: record.get(theirs) for ours, theirs in resource.fields.items()}
    if "parent_id" in values:
        values["parent_id"] = str(values["parent_id"]) if values["parent_id"] else None
    if values.get("description") == "(no description)":
        values["description"] = None
    told = record.get("updated_at", record.get("UpdatedOn"))
    updated = int(datetime.fromisoformat(told).timestamp() * 1_000_000) if told else 0
    return Seen(values, updated=updated)


def lose(mind: Mind) -> None:
    """The working file is gone; what the published one tells of linked records is taken over (state/history.py)."""
    for (connection, entity), links in mind.links.items():
        kept: dict[str, Seen] = {}
        for source_id, one in links.items():
            golden = mind.golden.get((entity, one))
            if golden is None:
                continue
            carries = mind.voices[entity][connection].carries
            values = {name: value for name, value in golden.values.items() if name in carries}
            if values.get("parent_id"):
                back = {key: there for there, key in links.items()}
                values["parent_id"] = back.get(str(values["parent_id"]))
            kept[source_id] = Seen(values, golden.active, restored=True)
        mind.shadows[connection, entity] = kept
    for place in set(mind.shadows) - set(mind.links):
        del mind.shadows[place]
    fresh = Mind(mind.voices, mind.naming)
    for name in (
        "links",
        "bases",
        "since",
        "read",
        "written",
        "fields",
        "golden",
        "leaves",
        "parked",
        "flat",
        "raw",
        "_links",
        "_bases",
    ):
        setattr(mind, name, getattr(fresh, name))
    mind.dirty.clear()
    mind.unagreed.clear()
    mind.renamed = True
