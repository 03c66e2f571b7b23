"""Undo: the changes that take one run's writes to a target back, record by record; what was edited since is spared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mappings.diff import canonical_value
from mappings.model import NAME_FIELD, Golden, Op, Value
from mappings.naming import same
from mappings.plan import Change, Status
from mappings.refusal import checked, refuse
from mappings.target import Policy, Target

RULE = "undo"
"""The rule of every change that takes an earlier one back."""

EDITED = "edited_since"


@dataclass(frozen=True, slots=True)
class Write:
    """One write that a run made, in canonical terms; ``open``: nobody knows yet whether it was made.

    ``run_id``: the run, where several are taken back. ``found``: nobody answered it, and a look at the target found it.
    """

    op: Op
    canonical_id: str
    source_id: str | None
    before: Mapping[str, Value]
    after: Mapping[str, Value]
    open: bool = False
    run_id: str | None = None
    found: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """What a run, or several, wrote to one target for one entity, in their order.

    ``later``: source id → the later run of ours that wrote it last. ``members``: source id → how many belong to it now.
    ``off``: the source ids of what is switched off now.
    """

    run_ids: Sequence[str]
    writes: Sequence[Write]
    later: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, int] = field(default_factory=dict)
    off: frozenset[str] = frozenset()

    def called(self, *doers: str) -> str:
        """The runs of these ids, or all, as a person refers to them."""
        ids = doers or self.run_ids
        return f"run{'s' if len(ids) > 1 else ''} {', '.join(one[:8] for one in ids)}"


@dataclass(slots=True)
class _Net:
    """What became of one record in the run: ``before`` and ``after`` of every field that it wrote."""

    canonical_id: str
    source_id: str | None
    made: bool = False
    taken: bool = False
    open: bool = False
    found: bool = False
    before: dict[str, Value] = field(default_factory=dict)
    after: dict[str, Value] = field(default_factory=dict)
    did: dict[str, list[str]] = field(default_factory=dict)  # a field, or making or taking → the runs that did it

    def add(self, write: Write) -> None:
        """Take one more write in."""
        for one in (write.op, *write.after):
            runs = self.did.setdefault(one, [])
            runs += [write.run_id] if write.run_id and write.run_id not in runs else []
        self.open |= write.open
        self.made |= write.op == Op.CREATE
        self.found |= write.op == Op.CREATE and write.found
        self.taken |= write.op == Op.DELETE
        if write.op == Op.DEACTIVATE:
            self.before.setdefault("active", True)
        for name, value in write.before.items():
            if name in write.after or write.op == Op.DELETE:
                self.before.setdefault(name, value)
        self.after |= write.after


def undo(past: Past, target: Target, records: Mapping[str, Golden], policy: Policy) -> list[Change]:
    """The changes that bring a target back to where it was, without their order (order.py); ids are provisional keys.

    ``records``: the golden records that the written ones belong to now. A record that is as it was has no change.
    """
    desk = _Desk(past, target, records, policy)
    found = [change for net in _net(past.writes) for change in desk.changes(net)]
    return desk.leave_the_full(found)


def _net(writes: Sequence[Write]) -> list[_Net]:
    """What became of each record, in the order in which they were first written."""
    found: dict[str, _Net] = {}
    for write in writes:
        key = write.source_id or f"unknown:{write.canonical_id}"
        found.setdefault(key, _Net(write.canonical_id, write.source_id)).add(write)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _Desk:
    past: Past
    target: Target
    records: Mapping[str, Golden]
    policy: Policy

    def changes(self, net: _Net) -> Iterator[Change]:
        """The changes that take back what became of one record, two at most."""
        if net.open:
            text = (
                "whether this was written is not known yet. What to do: undo again in some minutes, which looks for it"
            )
            change = self._draft(net, Op.DELETE if net.made else Op.UPDATE, {}, text)
            yield replace(change, status=Status.HELD, rule="outcome_unknown")
        elif net.made and net.taken:
            return
        elif net.taken:
            yield from self._made_again(net)
        elif net.made:
            yield from self._taken_away(net)
        else:
            yield from self._put_back(net)

    def _put_back(self, net: _Net) -> Iterator[Change]:
        now = self._now(net)
        if now is None:
            yield self._spared(net, Op.UPDATE, net.before, f"it is gone at {self.target.connection} since")
            return
        back = {name: old for name, old in net.before.items() if not same(old, now.get(name))}
        edited = [name for name in back if not same(net.after[name], now.get(name))]
        if edited:
            yield self._spared(net, self._op(back), back, self._told(net, edited, now))
            return
        moved = {name: back.pop(name) for name in ("parent_id",) if name in back}
        for values in filter(None, (back, moved)):
            before = {name: now.get(name) for name in values}
            op = Op.MOVE if values is moved else self._op(values)
            fields = " and ".join("parent" if name == "parent_id" else name for name in values)
            reason = f"{self._by(net, *values)} changed the {fields}; this puts back what was there before"
            yield self._checked(net, replace(self._draft(net, op, values, reason), before=before))

    def _taken_away(self, net: _Net) -> Iterator[Change]:
        now = self._now(net)
        if now is None:
            return
        edited = [name for name, value in now.items() if not _alike(net.after.get(name), value)]
        why = f"{self._by(net, Op.CREATE)} made it"
        if net.found:
            why += ", as it seems: no answer came, and it was found by its name. What to do: look whose it is"
        draft = replace(self._draft(net, Op.DELETE, {}, why), before=now)
        members = self.past.members.get(str(net.source_id), 0)
        off = str(net.source_id) in self.past.off and net.after.get("active", True)
        if edited or members or off:
            told = self._told(net, edited, now) if edited else f"it has {members} members now, and had none"
            told = "somebody switched it off since" if off and not edited else told
            yield refuse(draft, EDITED, f"{told}; it is left as it is")
        else:
            yield self._checked(net, draft)

    def _made_again(self, net: _Net) -> Iterator[Change]:
        here = self.target.here.get(net.canonical_id)
        old = net.source_id
        after = {name: value for name, value in net.before.items() if name in self.target.card.creates}
        after = {name: value for name, value in after.items() if value is not None}
        lost = "it gets a new id, what else hung on the old one stays lost"
        told = f"{self._by(net, Op.DELETE)} took it away (id {old}); {lost}"
        draft = replace(self._draft(net, Op.CREATE, after, told), source_id=None)
        if here is not None and here in self.target.shadows and self.target.shadows[here].active:
            if here != old:
                yield refuse(draft, EDITED, f"it is at {self.target.connection} again since (id {here})")
            return
        yield self._checked(net, draft)

    def leave_the_full(self, changes: Sequence[Change]) -> list[Change]:
        """Refuse to take away what others stand below that stay."""
        going = {one.canonical_id for one in changes if one.op == Op.DELETE and one.status == Status.READY}
        below: dict[str, set[str]] = {}
        for source_id, _, parent in self.target.taken:
            if parent is not None:
                below.setdefault(parent, set()).add(self.target.canonical(source_id))
        full = {one for one in going if not below.get(one, set()) <= going}
        while more := {one for one in going - full if not below.get(one, set()).isdisjoint(full)}:
            full |= more
        text = f"records stand below it at {self.target.connection} that {self.past.called()} did not make; it stays"
        return [
            refuse(one, EDITED, text) if one.op == Op.DELETE and one.canonical_id in full else one for one in changes
        ]

    def _now(self, net: _Net) -> dict[str, Value] | None:
        """What the record holds at the target, in canonical terms; None where it is gone."""
        shadow = self.target.shadows.get(str(net.source_id))
        if shadow is None or not shadow.active:
            return None
        switch = {"active": shadow.ref.source_id not in self.past.off} if "active" in net.after else {}
        return {**switch, **{name: canonical_value(self.target, name, value) for name, value in shadow.values.items()}}

    def _told(self, net: _Net, edited: Sequence[str], now: Mapping[str, Value]) -> str:
        """What was edited since: each field with both values, and whether we did so ourselves."""
        fields = "; ".join(
            f"{name}: the run wrote {self.target.told(name, net.after.get(name))}, "
            f"now it is {self.target.told(name, now.get(name))}"
            for name in edited
        )
        later = self.past.later.get(str(net.source_id))
        return f"{fields} (run {later[:8]} wrote it since. What to do: undo that one first)" if later else fields

    def _by(self, net: _Net, *what: str) -> str:
        """The runs that changed these fields of a record, or made or took it."""
        return self.past.called(*dict.fromkeys(run_id for one in what for run_id in net.did.get(one, ())))

    def _spared(self, net: _Net, op: Op, values: Mapping[str, Value], why: str) -> Change:
        return refuse(self._draft(net, op, values, ""), EDITED, f"{why}; it is left as it is")

    def _checked(self, net: _Net, change: Change) -> Change:
        """The change, or its refusal by the card or the operator's rules."""
        record = self.records.get(change.canonical_id)
        known = record or Golden(self.target.entity, change.canonical_id, {**net.after, **net.before}, {})
        return checked(change, known, self.target, self.policy)

    def _op(self, values: Mapping[str, Value]) -> Op:
        return Op.RENAME if set(values) == {NAME_FIELD[self.target.entity]} else Op.UPDATE

    def _draft(self, net: _Net, op: Op, after: Mapping[str, Value], reason: str) -> Change:
        canonical_id = self.target.back.get(str(net.source_id), net.canonical_id)
        return Change(
            id=f"{self.target.connection}:{op}:{canonical_id}",
            connection=self.target.connection,
            entity=self.target.entity,
            op=op,
            status=Status.READY,
            canonical_id=canonical_id,
            source_id=net.source_id,
            before=None,
            after=dict(after),
            depends_on=(),
            rule=RULE,
            reason=reason,
        )


def _alike(wrote: Value, now: Value) -> bool:
    """Whether a record still holds what was written; what nobody wrote is alike while it is empty."""
    return (not wrote and not now) or same(wrote, now)
