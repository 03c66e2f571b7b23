"""Apply: each change of a sealed plan in its order: precondition, begin, write, read back, end (DESIGN 5.6)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mappings.model import NAME_FIELD, REFERENCE_FIELDS, Entity, Link, Method, Op, Ref, Value
from mappings.naming import fold, same
from mappings.plan import Change, Plan
from pipelines.errors import Exit
from pipelines.roster import Roster, read_roster
from pipelines.run import Run
from sources.errors import Denied, Exhausted, Gone, NotSent, Rejected, Throttled, VendorError
from sources.vendor import Client, Observed
from state.safety import Intent, Outcome


class Ending(StrEnum):
    """How a change ended (CONTRACT.md, section 3)."""

    DONE = "done"
    STALE = "stale"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Result:
    """One change's ending."""

    change: Change
    status: Ending
    source_id: str | None = None
    error: str | None = None
    exit: Exit = Exit.DONE


@dataclass(frozen=True, slots=True)
class _Made:
    """What a write left behind: the record's id, and for a create the link that it makes."""

    source_id: str
    link: Link | None = None


@dataclass(slots=True)
class Applier:
    """Applies one plan. ``ids``: canonical id → source id, by connection and entity; grows with each create."""

    run: Run
    plan: Plan
    ids: dict[tuple[str, Entity], dict[str, str]]
    results: dict[str, Result] = field(default_factory=dict)
    denied: dict[str, str] = field(default_factory=dict)  # connection → why nothing more is sent to it
    _rosters: dict[tuple[str, Entity], Roster | VendorError] = field(default_factory=dict)

    def apply(self) -> list[Result]:
        """Make every ready change, in order. One failed change stops only what depends on it."""
        ready = self.plan.ready()
        for number, change in enumerate(ready, 1):
            result = self._one(change)
            self.results[change.id] = result
            error = f": {self.run.scrubber.clean(result.error)}" if result.error else ""
            name = change.after.get(NAME_FIELD[change.entity], change.canonical_id)
            place = f"[{number}/{len(ready)}]"
            self.run.say(f"{place} {change.connection}: {change.op} {name}: {result.status}{error}")
        return list(self.results.values())

    def _one(self, change: Change) -> Result:
        if change.connection in self.denied:
            return Result(change, Ending.SKIPPED, change.source_id, self.denied[change.connection])
        for need in change.depends_on:
            before = self.results.get(need)
            if before is None or before.status != Ending.DONE:
                return Result(change, Ending.SKIPPED, change.source_id, f"it needs {need}, which was not done")
        client = self.run.client(change.connection)
        try:
            self.run.budget(change.connection).check()  # before anything is read for it
            payload = self._payload(change)
            if self._open(change, payload):
                text = "an equal write has no answer yet; the next whole reads settle it"
                return Result(change, Ending.SKIPPED, change.source_id, text)
            act = self._create if change.op == Op.CREATE else self._change
            return act(client, change, payload)
        except Exhausted as fault:
            self.denied[change.connection] = str(fault)
            return Result(change, Ending.SKIPPED, change.source_id, str(fault), Exit.PERSON)
        except (Denied, NotSent) as fault:  # nobody lets us in, or nobody is there
            self.denied[change.connection] = str(fault)
            return Result(change, Ending.FAILED, change.source_id, str(fault), Exit.CONNECTION)
        except VendorError as fault:
            return Result(change, Ending.FAILED, change.source_id, str(fault))

    def _payload(self, change: Change) -> dict[str, Value]:
        """The change's values with references as source ids; symbols of records just made are known by now."""
        payload = dict(change.after)
        for name in payload.keys() & REFERENCE_FIELDS.keys():
            if payload[name] is not None:
                payload[name] = self.ids[change.connection, REFERENCE_FIELDS[name]][str(payload[name])]
        return payload

    def _open(self, change: Change, payload: Mapping[str, Value]) -> bool:
        """Whether a write of the same content (a namesake's) is open: found at the vendor, it could be either's."""
        wanted = (change.connection, change.entity, change.op, change.source_id, payload)
        return any(
            (one.connection, one.entity, one.op, one.source_id, one.payload) == wanted
            for one in (open_.intent for open_ in self.run.safety.open_intents())
        )

    def _create(self, client: Client, change: Change, payload: Mapping[str, Value]) -> Result:
        roster = self._roster(change)
        name = fold(str(payload[NAME_FIELD[change.entity]]))
        parent = payload.get("parent_id")
        known = self.ids.setdefault((change.connection, change.entity), {})
        for source_id in roster.called(name, parent):
            if source_id not in known.values():
                text = f"{change.connection} has a record of this name now (id {source_id}); the next plan adopts it"
                return self._unsent(change, payload, Ending.STALE, text)
        seq = self._begin(change, payload, visible=roster.ids)
        outcome = self._written(seq, change, lambda: client.create(change.entity, payload))
        if isinstance(outcome, Result):
            return outcome
        known[change.canonical_id] = outcome
        ref = Ref(change.connection, change.entity, outcome)
        link = Link(ref, change.canonical_id, Method.JOURNAL, evidence="made by us")
        return self._end(client, change, seq, payload, _Made(outcome, link))

    def _change(self, client: Client, change: Change, payload: Mapping[str, Value]) -> Result:
        source_id = str(change.source_id)
        try:
            seen = client.observe(change.entity, source_id)
        except Gone:
            return self._unsent(change, payload, Ending.STALE, f"it is gone at {change.connection}")
        if all(same(value, seen.values.get(name)) for name, value in payload.items()):
            return self._unsent(change, payload, Ending.DONE, None)  # somebody did the same
        before = self._sources(change, change.before or {})
        moved = [name for name, value in before.items() if not same(value, seen.values.get(name))]
        if moved:
            text = f"{', '.join(moved)} changed at {change.connection} since the plan was made; plan again"
            return self._unsent(change, payload, Ending.STALE, text)
        seq = self._begin(change, payload, visible=())
        outcome = self._written(seq, change, lambda: client.change(change.entity, seen, payload))
        if isinstance(outcome, Result):
            return outcome
        return self._end(client, change, seq, payload, _Made(source_id))

    def _sources(self, change: Change, values: Mapping[str, Value]) -> dict[str, Value]:
        found = dict(values)
        for name in found.keys() & REFERENCE_FIELDS.keys():
            here = self.ids.get((change.connection, REFERENCE_FIELDS[name]), {})
            found[name] = here.get(str(found[name]), found[name]) if found[name] is not None else None
        return found

    def _roster(self, change: Change) -> Roster:
        """The target's list, read once for all of its creates; one that failed fails them all."""
        key = (change.connection, change.entity)
        if key not in self._rosters:
            try:
                self._rosters[key] = read_roster(self.run, *key)
            except VendorError as fault:
                self._rosters[key] = fault
        found = self._rosters[key]
        if isinstance(found, VendorError):
            raise found
        return found

    def _begin(self, change: Change, payload: Mapping[str, Value], visible: tuple[str, ...]) -> int:
        return self.run.safety.begin(
            Intent(
                run_id=self.run.run_id,
                plan_id=self.plan.plan_id,
                change_id=change.id,
                connection=change.connection,
                entity=change.entity,
                op=change.op,
                canonical_id=change.canonical_id,
                source_id=change.source_id,
                payload=payload,
                before=change.before,
                visible=visible,
                begun_at=self.run.clock.now(),
            )
        )

    def _unsent(self, change: Change, payload: Mapping[str, Value], ending: Ending, why: str | None) -> Result:
        """Keep in the journal that nothing was sent: the record moved on, or is already as it should be."""
        outcome = Outcome.STALE if ending == Ending.STALE else Outcome.DONE
        agreed = payload if outcome == Outcome.DONE else None
        seq = self._begin(change, payload, visible=())
        self.run.safety.end(seq, outcome, self.run.clock.now(), source_id=change.source_id, error=why, agreed=agreed)
        return Result(change, ending, change.source_id, why)

    def _written(self, seq: int, change: Change, send: Callable[[], str | None]) -> str | Result:
        """Send, and close the intent where nothing was done; an answer that says nothing leaves it open."""
        try:
            return send() or str(change.source_id)
        except (NotSent, Exhausted, Throttled, Rejected, Gone, Denied) as fault:
            outcome = Outcome.NOT_SENT if isinstance(fault, NotSent | Exhausted | Throttled) else Outcome.FAILED
            self.run.safety.end(seq, outcome, self.run.clock.now(), error=self._clean(fault))
            raise
        except VendorError as fault:
            return Result(change, Ending.UNKNOWN, change.source_id, f"{fault}; the next whole reads settle it")

    def _end(self, client: Client, change: Change, seq: int, payload: Mapping[str, Value], made: _Made) -> Result:
        """Read back what was written, and close the intent with its link and what is now agreed, all at once."""
        seen: Observed | None = None
        error: str | None = None
        try:
            seen = client.observe(change.entity, made.source_id)
            other = [name for name, value in payload.items() if not same(value, seen.values.get(name))]
            if other:
                error = "; ".join(f"{name} reads back as {seen.values.get(name)!r}" for name in other)
        except VendorError as fault:
            error = f"written, but not read back: {fault}"
        agreed = {name: seen.values[name] for name in payload if name in seen.values} if seen else None
        clean = self.run.scrubber.clean(error) if error else None
        self.run.safety.end(
            seq,
            Outcome.DONE,
            self.run.clock.now(),
            source_id=made.source_id,
            error=clean,
            link=made.link,
            agreed=agreed,
        )
        return Result(change, Ending.DONE, made.source_id, clean)

    def _clean(self, fault: VendorError) -> str:
        return self.run.scrubber.clean(str(fault))
