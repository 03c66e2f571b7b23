"""What each change takes, step by step: precondition, begin, write, read back, end (DESIGN 5.6).

Nothing is carried out here: every step is yielded, and whoever drives (applying.py) answers it. So many changes can be
under way at once while one thread alone writes the journal.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from mappings.model import NAME_FIELD, REFERENCE_FIELDS, Entity, Link, Method, Op, Ref, Value
from mappings.naming import cleaned, fold, same
from mappings.plan import Change
from pipelines.errors import Exit
from pipelines.roster import Roster
from sources.errors import Denied, Exhausted, Gone, NotSent, Rejected, Throttled, VendorError
from sources.secret import Scrubber
from sources.vendor import Client, Observed
from state.safety import Intent, Outcome

Ids = dict[tuple[str, Entity], dict[str, str]]
"""Canonical id → source id, by connection and entity."""

UNSENT = "it was so already: nothing was sent"
"""What the journal says beside a change that somebody else had made: an undo leaves it to them."""


class Ending(StrEnum):
    """How a change ended (CONTRACT.md, section 3)."""

    DONE = "done"
    STALE = "stale"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Result:
    """One change's ending. ``sent``: the values of a write that was answered, as it was sent."""

    change: Change
    status: Ending
    source_id: str | None = None
    error: str | None = None
    exit: Exit = Exit.DONE
    sent: Mapping[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Call the vendor; answered by what the call returns. ``paid``: the writes that were counted for it before."""

    act: Callable[[], Any]
    paid: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Begin:
    """Note a write before it leaves; answered by its number in the journal, once that is durable.

    ``paid`` takes the number of the write that is counted with it against the day's budget, where one is sent at all.
    """

    intent: Intent
    paid: list[int] | None = None


@dataclass(frozen=True, slots=True)
class End:
    """Close a begun write with its link and what is agreed now. ``unspent``: counted writes that never left."""

    seq: int
    outcome: Outcome
    source_id: str | None = None
    error: str | None = None
    link: Link | None = None
    agreed: Mapping[str, Value] | None = None
    unspent: list[int] = field(default_factory=list)


Steps = Generator[Ask | Begin | End, Any, Result]


@dataclass(frozen=True, slots=True)
class Writer:
    """Makes the steps of one plan's changes. ``ids`` grow with each create."""

    run_id: str
    plan_id: str
    ids: Ids
    now: Callable[[], datetime]
    scrubber: Scrubber

    def payload(self, change: Change) -> dict[str, Value]:
        """The change's values with references as source ids; symbols of records just made are known by now."""
        payload = dict(change.after)
        for name in payload.keys() & REFERENCE_FIELDS.keys():
            if payload[name] is not None:
                payload[name] = self.ids[change.connection, REFERENCE_FIELDS[name]][str(payload[name])]
        return payload

    def steps(self, client: Client, change: Change, payload: Mapping[str, Value], roster: Roster | None) -> Steps:
        """The steps of a change; ``roster``: what the target lists, for a create. Vendors' faults come out of them."""
        if change.op == Op.CREATE:
            assert roster is not None
            return self._create(client, change, payload, roster)
        return self._delete(client, change) if change.op == Op.DELETE else self._change(client, change, payload)

    def _create(self, client: Client, change: Change, payload: Mapping[str, Value], roster: Roster) -> Steps:
        """Nothing is read back one by one: the whole read after the apply shows every record that was made."""
        known = self.ids.setdefault((change.connection, change.entity), {})
        if (linked := known.get(change.canonical_id)) is not None:  # found by a read since the plan was cut off
            text = f"{change.connection} has it by now (id {linked}); plan again"
            return (yield from self._unsent(change, payload, Ending.STALE, text))
        called = roster.called(fold(str(payload[NAME_FIELD[change.entity]])), payload.get("parent_id"))
        stranger = next((one for one in called if one not in known.values()), None)
        if stranger is not None:
            text = f"{change.connection} has a record of this name now (id {stranger}); the next plan adopts it"
            return (yield from self._unsent(change, payload, Ending.STALE, text))
        made = yield from self._sent(change, payload, lambda: client.create(change.entity, payload), roster.ids)
        if isinstance(made, Result):
            return made
        seq, source_id, unspent = made
        known[change.canonical_id] = source_id
        link = Link(
            Ref(change.connection, change.entity, source_id), change.canonical_id, Method.JOURNAL, evidence="made by us"
        )
        yield End(seq, Outcome.DONE, source_id, link=link, agreed=payload, unspent=unspent)
        return Result(change, Ending.DONE, source_id, sent=payload)

    def _change(self, client: Client, change: Change, payload: Mapping[str, Value]) -> Steps:
        source_id = str(change.source_id)
        try:
            seen: Observed = yield Ask(lambda: client.observe(change.entity, source_id))
        except Gone:
            return (yield from self._unsent(change, payload, Ending.STALE, f"it is gone at {change.connection}"))
        if all(same(value, seen.values.get(name)) for name, value in payload.items()):
            return (yield from self._unsent(change, payload, Ending.DONE, None))  # somebody did the same
        if moved := self._moved(change, seen):
            return (yield from self._unsent(change, payload, Ending.STALE, moved))
        made = yield from self._sent(change, payload, lambda: client.change(change.entity, seen, payload))
        if isinstance(made, Result):
            return made
        seq, _, unspent = made
        agreed, error = yield from self._read_back(client, change, payload)
        yield End(seq, Outcome.DONE, source_id, error, agreed=agreed, unspent=unspent)
        return Result(change, Ending.DONE, source_id, error, sent=payload)

    def _delete(self, client: Client, change: Change) -> Steps:
        source_id = str(change.source_id)
        try:
            seen: Observed = yield Ask(lambda: client.observe(change.entity, source_id))
        except Gone:
            return (yield from self._unsent(change, {}, Ending.DONE, None))
        if moved := self._moved(change, seen):
            return (yield from self._unsent(change, {}, Ending.STALE, moved))
        made = yield from self._sent(change, {}, lambda: client.delete(change.entity, seen))
        if isinstance(made, Result):
            return made
        seq, _, unspent = made
        yield End(seq, Outcome.DONE, source_id, unspent=unspent)
        return Result(change, Ending.DONE, source_id)

    def _moved(self, change: Change, seen: Observed) -> str:
        """What a record holds that it did not when the plan was made, in words; empty where nothing changed."""
        before = dict(change.before or {})
        for name in before.keys() & REFERENCE_FIELDS.keys():
            here = self.ids.get((change.connection, REFERENCE_FIELDS[name]), {})
            before[name] = here.get(str(before[name]), before[name]) if before[name] is not None else None
        moved = [name for name, value in before.items() if not same(value, seen.values.get(name))]
        if not moved:
            return ""
        return f"{', '.join(moved)} changed at {change.connection} since the plan was made; plan again"

    def _sent(
        self, change: Change, payload: Mapping[str, Value], act: Callable[[], Any], visible: tuple[str, ...] = ()
    ) -> Generator[Ask | Begin | End, Any, tuple[int, str, list[int]] | Result]:
        """Begin, send, and close the intent where nothing was done; an answer that says nothing leaves it open."""
        paid: list[int] = []
        seq: int = yield Begin(self._intent(change, payload, visible), paid)
        try:
            answer = yield Ask(act, paid)
        except (NotSent, Exhausted, Throttled, Rejected, Gone, Denied) as fault:
            outcome = Outcome.NOT_SENT if isinstance(fault, NotSent | Exhausted | Throttled) else Outcome.FAILED
            if isinstance(fault, Gone) and change.op == Op.DELETE:
                yield End(seq, Outcome.DONE, change.source_id, unspent=paid)
                return Result(change, Ending.DONE, change.source_id)
            yield End(seq, outcome, error=self.scrubber.clean(str(fault)), unspent=paid)
            raise
        except VendorError as fault:
            text = f"{fault}; it may still take effect: later runs look for it, and the next plan says from when on"
            return Result(change, Ending.UNKNOWN, change.source_id, text)
        return seq, str(answer or change.source_id), paid

    def _read_back(
        self, client: Client, change: Change, payload: Mapping[str, Value]
    ) -> Generator[Ask, Any, tuple[Mapping[str, Value], str | None]]:
        """What the record holds after the write, of the fields that were written, and what is wrong with it.

        Where nobody can tell, or somebody wrote another text meanwhile, what was sent: the next word is measured by it.
        """
        try:
            seen: Observed = yield Ask(lambda: client.observe(change.entity, str(change.source_id)))
        except VendorError as fault:
            return payload, self.scrubber.clean(f"written, but not read back: {fault}")
        here = {name: value for name, value in seen.values.items() if name in payload}
        edited = {name for name, value in here.items() if not cleaned(payload[name], value)}
        return {**here, **{name: payload[name] for name in edited}}, differs(payload, seen.values)

    def _unsent(
        self, change: Change, payload: Mapping[str, Value], ending: Ending, why: str | None
    ) -> Generator[Begin | End, Any, Result]:
        """Keep in the journal that nothing was sent: the record moved on, or is already as it should be."""
        outcome = Outcome.STALE if ending == Ending.STALE else Outcome.DONE
        seq: int = yield Begin(self._intent(change, payload, ()))
        agreed = payload or None if outcome == Outcome.DONE else None
        yield End(seq, outcome, change.source_id, why or UNSENT, agreed=agreed)
        return Result(change, ending, change.source_id, why)

    def _intent(self, change: Change, payload: Mapping[str, Value], visible: tuple[str, ...]) -> Intent:
        return Intent(
            run_id=self.run_id,
            plan_id=self.plan_id,
            change_id=change.id,
            connection=change.connection,
            entity=change.entity,
            op=change.op,
            canonical_id=change.canonical_id,
            source_id=change.source_id,
            payload=payload,
            before=change.before,
            visible=visible,
            begun_at=self.now(),
        )


def differs(sent: Mapping[str, Value], seen: Mapping[str, Value]) -> str | None:
    """Each field that reads back otherwise than it was sent, with both values; None where all is as it should be."""
    other = [
        f"{name} was sent as {value!r} and reads back as {seen.get(name)!r}"
        for name, value in sent.items()
        if name in seen and not same(value, seen[name])
    ]
    return "; ".join(other) or None
