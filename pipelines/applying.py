"""Apply: every change of a sealed plan after what it depends on, several at a time where the vendors allow it.

Worker threads talk to the vendors; one thread alone decides, and writes the journal. What waits to be noted when a
commit begins goes in with it, so that many changes under way share the price of being durable.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from mappings.model import NAME_FIELD, Entity, Op
from mappings.plan import Change, Plan
from pipelines.awaiting import UNANSWERED
from pipelines.budget import prepaid
from pipelines.called import label, paths_of
from pipelines.errors import Exit
from pipelines.hurdles import Hurdles
from pipelines.lanes import Lanes, content
from pipelines.roster import Roster, at_hand, listed, roster_of
from pipelines.run import Run
from pipelines.writing import Ask, Begin, End, Ending, Ids, Result, Steps, Writer
from sources.errors import Exhausted, VendorError
from sources.workers import Workers


@dataclass(frozen=True, slots=True)
class _Job:
    """A change under way. ``holds``: what no other change may touch meanwhile."""

    change: Change
    steps: Steps
    holds: frozenset[object]


@dataclass(slots=True)
class Applier:
    """Applies one plan. ``ids`` grow with each create; ``results`` may hold what an earlier run did of the plan.

    ``pool`` carries out the calls; None: threads, as many as the connections allow.
    """

    run: Run
    plan: Plan
    ids: Ids
    results: dict[str, Result] = field(default_factory=dict)
    pool: Executor | None = None
    hurdles: Hurdles = field(init=False)
    _lanes: Lanes = field(init=False)
    _writer: Writer = field(init=False)
    _rosters: dict[tuple[str, Entity], Roster | VendorError] = field(default_factory=dict)
    _reading: dict["Future[Any]", tuple[str, Entity]] = field(default_factory=dict)
    _flying: dict["Future[Any]", _Job] = field(default_factory=dict)
    _noting: list[tuple[_Job, Begin | End]] = field(default_factory=list)
    _held: set[object] = field(default_factory=set)
    _open: set[object] = field(default_factory=set)  # the content of writes that have no answer
    _paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def apply(self) -> list[Result]:
        """Make every ready change that has no result yet. One failed change stops only what depends on it."""
        run, ready = self.run, self.plan.ready()
        self._rosters.update(at_hand(run, ready))
        self._paths = paths_of(run.working, (one for one in ready if NAME_FIELD[one.entity] not in one.after))
        self._lanes = Lanes(ready, {name: one.card.pace.writers for name, one in run.config.connections.items()})
        self._writer = Writer(run.run_id, self.plan.plan_id, self.ids, run.clock.now, run.scrubber)
        self.hurdles = Hurdles(run, run.clock.now() + run.patience)
        self._open = {content(one.intent, one.intent.payload) for one in run.safety.open_intents()}
        for before in list(self.results.values()):
            self._free(before)
        with self._workers() as pool:
            self._fill(pool)
            while self._flying or self._reading or self._noting or self.hurdles.paused:
                if self._noting:
                    self._note(pool)
                elif self._flying or self._reading:
                    self._land(pool)
                else:
                    self.hurdles.wait()
                self._fill(pool)
        return [self.results[change.id] for change in ready]

    @contextmanager
    def _workers(self) -> Iterator[Executor]:
        if self.pool is not None:
            yield self.pool
            return
        names = {change.connection for change in self.plan.ready()}
        with Workers(max(1, sum(self._lanes.room[name] for name in names))) as pool:
            yield pool

    def _fill(self, pool: Executor) -> None:
        """Start what may start."""
        begun = True
        while begun:
            begun = False
            for name in self._lanes.open():
                if name not in self.hurdles.paused and (change := self._lanes.first(name, partial(self._may, pool))):
                    self._start(pool, change)
                    begun = True

    def _may(self, pool: Executor, change: Change) -> bool:
        """Whether nothing under way stands against a change; where the target's list is missing, it is read now."""
        if self.hurdles.why(change.connection):
            return True
        if not self._holds(change).isdisjoint(self._held):
            return False
        key = (change.connection, change.entity)
        if change.op != Op.CREATE or key in self._rosters or self._used_up(change):
            return True
        if key not in self._reading.values():
            client, resource = self.run.client(key[0]), self.run.config.connections[key[0]].vendor.resource(key[1])
            self._reading[pool.submit(listed, client, resource, self.run.run_id, key[0])] = key
        return False

    def _holds(self, change: Change) -> frozenset[object]:
        """The record, and the content: of two equal writes on their way nobody could tell which one arrived."""
        record = (change.connection, change.entity, change.canonical_id)
        return frozenset({record, content(change, self._writer.payload(change))})

    def _start(self, pool: Executor, change: Change) -> None:
        """Start a change, or say why it is not."""
        if why := self.hurdles.why(change.connection):
            return self._end(Result(change, Ending.SKIPPED, change.source_id, why, Exit.PERSON))
        holds = self._holds(change)
        if not holds.isdisjoint(self._open):
            return self._end(Result(change, Ending.SKIPPED, change.source_id, f"an equal write has {UNANSWERED}"))
        if fault := self._used_up(change):
            return self._hindered(change, fault)
        roster = self._rosters.get((change.connection, change.entity)) if change.op == Op.CREATE else None
        if isinstance(roster, VendorError):
            return self._hindered(change, roster)
        client = self.run.client(change.connection)
        job = _Job(change, self._writer.steps(client, change, self._writer.payload(change), roster), holds)
        self._held |= holds
        self._lanes.under_way[change.connection] += 1
        return self._advance(pool, job)

    def _used_up(self, change: Change) -> Exhausted | None:
        """The day's budget, where it is used up: then nothing is read for a write either."""
        try:
            self.run.budget(change.connection).check()
        except Exhausted as fault:
            return fault
        return None

    def _advance(self, pool: Executor, job: _Job, answer: Any = None, fault: VendorError | None = None) -> None:
        """Give a job the answer to its last step, and see to the next one."""
        try:
            step = job.steps.throw(fault) if fault else job.steps.send(answer)
        except StopIteration as ending:
            self._leave(job)
            self._end(ending.value)
        except VendorError as why:
            self._leave(job)
            self._hindered(job.change, why)
        else:
            if isinstance(step, Ask):
                self._flying[pool.submit(prepaid, step.paid, step.act)] = job
            else:
                self._noting.append((job, step))

    def _leave(self, job: _Job) -> None:
        self._held -= job.holds
        self._lanes.under_way[job.change.connection] -= 1

    def _land(self, pool: Executor) -> None:
        """Wait for an answer, and take in all that are there."""
        landed, _ = wait([*self._flying, *self._reading], return_when=FIRST_COMPLETED)
        for future in landed:
            if future in self._reading:
                self._listed(self._reading.pop(future), future)
                continue
            job, fault = self._flying.pop(future), future.exception()
            if fault is not None and not isinstance(fault, VendorError):
                raise fault
            self._advance(pool, job, None if fault else future.result(), fault)

    def _listed(self, key: tuple[str, Entity], future: "Future[Any]") -> None:
        """Keep a target's list, read once for all of its creates; one that failed fails them all."""
        resource = self.run.config.connections[key[0]].vendor.resource(key[1])
        try:
            self._rosters[key] = roster_of(self.run, future.result(), resource)
        except VendorError as fault:
            self._rosters[key] = fault

    def _note(self, pool: Executor) -> None:
        """Write what waits into the journal, all in one commit, and go on with those jobs once it is durable."""
        batch, self._noting = self._noting, []
        answers: list[int | Exhausted | None] = []
        with self.run.safety.together():
            for job, step in batch:
                try:
                    answers.append(self._noted(job.change.connection, step))
                except Exhausted as fault:
                    answers.append(fault)
        for (job, _), answer in zip(batch, answers, strict=True):
            if isinstance(answer, Exhausted):
                self._advance(pool, job, fault=answer)
            else:
                self._advance(pool, job, answer)

    def _noted(self, connection: str, step: Begin | End) -> int | None:
        budget, safety = self.run.budget(connection), self.run.safety
        if isinstance(step, Begin):
            if step.paid is not None:
                step.paid.append(budget.take())
            return safety.begin(step.intent)
        for number in step.unspent:
            budget.give_back(number)
        safety.end(
            step.seq,
            step.outcome,
            self.run.clock.now(),
            source_id=step.source_id,
            error=step.error,
            link=step.link,
            agreed=step.agreed,
        )
        return None

    def _hindered(self, change: Change, fault: VendorError) -> None:
        """End a change that met a fault, or let it wait."""
        result = self.hurdles.met(change, fault)
        if result is not None:
            return self._end(result)
        self._rosters = {key: one for key, one in self._rosters.items() if one is not fault}
        return self._lanes.put_back(change)

    def _end(self, result: Result) -> None:
        """Keep a result, tell it, and see to what needed it."""
        if result.status == Ending.UNKNOWN:
            self._open.add(content(result.change, self._writer.payload(result.change)))
            self.hurdles.no_answer(result.change.connection)
        self._keep(result)
        self._free(result)

    def _keep(self, result: Result) -> None:
        change, error = result.change, result.error
        self.results[change.id] = result
        told = f": {self.run.scrubber.clean(error)}" if error else ""
        place = f"[{len(self.results)}/{len(self._lanes.changes)}]"
        self.run.say(f"{place} {change.connection}: {change.op} {label(change, self._paths)}: {result.status}{told}")

    def _free(self, result: Result) -> None:
        for other, need in self._lanes.ended(result.change, done=result.status == Ending.DONE):
            if other.id not in self.results:
                why = f"it needs {need}, which was not done"
                self._keep(Result(other, Ending.SKIPPED, other.source_id, why))
