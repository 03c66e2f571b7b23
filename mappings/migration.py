"""A migration: what one account holds, as it should stand at another, whatever the rules of the configuration say.

It is planned from the source's own records alone: no golden record, no base and no authority of the configured rules
takes part, so that none of these is another after it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mappings.known import canonical_id
from mappings.model import FIELDS, NAME_FIELD, REFERENCE_FIELDS, Dispute, Entity, Golden, Op, Ref, Shadow, Value
from mappings.naming import Names, Naming, Node, flat_names, fold, paths, same
from mappings.plan import Change, Plan, Status
from mappings.refusal import refuse
from mappings.target import UNLINKED, Target

RULE = "migrate"
"""The rule of every change that a migration makes."""


@dataclass(frozen=True, slots=True)
class Move:
    """One kind on its way: the records of ``entity`` at ``source`` become records of ``into`` at ``target``.

    ``there``: canonical id → the canonical id of the record of another kind that was there before, and is taken for it.
    """

    source: str
    target: str
    entity: Entity
    into: Entity
    there: Mapping[str, str] = field(default_factory=dict, compare=False)

    def key(self, canonical: str) -> str:
        """The canonical id of what a record becomes: its own, unless it becomes something of another kind."""
        if self.entity == self.into:
            return canonical
        return self.there.get(canonical) or canonical_id(Ref(RULE, self.into, canonical))


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be moved. Keys: canonical ids at the target; of records that no link knows ``UNLINKED`` + source id.

    ``records``: those that can be moved. ``names``: of all of them. ``sources``: key → our copy of the record.
    ``off``: keys of records that are switched off at the source.
    """

    records: Mapping[str, Golden]
    names: Names
    sources: Mapping[str, Shadow]
    parents: Mapping[str, str | None]
    off: frozenset[str] = frozenset()

    def within(self, keys: Iterable[str]) -> "Load":
        """The part of it that these records are, by their names in the whole."""
        kept = set(keys)
        return replace(
            self,
            records={key: one for key, one in self.records.items() if key in kept},
            sources={key: one for key, one in self.sources.items() if key in kept},
            off=self.off & kept,
        )

    def read_as(self, leaves: Mapping[str, str], there: Collection[str]) -> Names:
        """The names in a tree that holds some of it already: those by what a flat source qualified, without the path.

        ``leaves``: source id → that name. ``there``: keys of the records that the tree holds.
        """
        read = {
            key: (*self.names.paths[key][:-1], leaves[one.ref.source_id])
            for key, one in self.sources.items()
            if one.ref.source_id in leaves and key in there
        }
        return replace(self.names, paths={**self.names.paths, **read})


def migrates(plan: Plan) -> bool:
    """Whether a plan is a migration's: somebody asked for it by name, whatever ``write_to`` says."""
    return any(change.rule == RULE for change in plan.changes)


def load(
    move: Move,
    shadows: Iterable[Shadow],
    linked: Mapping[str, str],
    person: Callable[[str], str | None],
    *,
    naming: Naming,
    off: frozenset[str] = frozenset(),
) -> Load:
    """The present records of the source in the target's kind.

    ``linked``: source id → canonical id; ``person``: source id of a person → the canonical one; ``off``: source ids of
    records that are switched off.
    """
    there = {one.ref.source_id: one for one in shadows if one.active}
    keys = {key: move.key(linked[key]) if key in linked else f"{UNLINKED}{key}" for key in there}
    parents = {keys[key]: keys.get(str(one.values.get("parent_id"))) for key, one in there.items()}
    nodes = {keys[key]: Node(one.name, parents[keys[key]]) for key, one in there.items()}
    where = paths(nodes)
    flat = flat_names(where, naming) if any(parents.values()) else {key: one.name for key, one in nodes.items()}
    return Load(
        records={
            keys[key]: _record(move, one, keys, person)
            for key, one in there.items()
            if key in linked and key not in off
        },
        names=Names(where, flat),
        sources={keys[key]: one for key, one in there.items()},
        parents=parents,
        off=frozenset(keys[key] for key in off if key in keys),
    )


def _record(move: Move, shadow: Shadow, keys: Mapping[str, str], person: Callable[[str], str | None]) -> Golden:
    """The record as the source has it; an empty field says nothing, so that nothing is cleared at the target."""
    values: dict[str, Value] = {}
    told = {**shadow.values, NAME_FIELD[move.into]: shadow.name}
    for name in dict.fromkeys((*FIELDS[move.into], *FIELDS[move.entity])):
        if name not in told:
            continue
        value = told[name] if told[name] != "" else None
        referred = REFERENCE_FIELDS.get(name) if value is not None else None
        if referred == Entity.PERSON:
            value = person(str(value))
        elif referred is not None:
            value = keys.get(str(value))
        values[name] = value
    stands = {name for name, value in values.items() if value is not None} | {"parent_id"} & shadow.values.keys()
    return Golden(move.into, keys[shadow.ref.source_id], values, dict.fromkeys(stands, move.source))


def waiting(move: Move, part: Load, disputes: Iterable[Dispute]) -> Iterator[Change]:
    """The records of the source that no canonical record is known of, each held until a person decides."""
    why = {one.ref.source_id: one.reason for one in disputes if one.ref.connection == move.source}
    for key, one in part.sources.items():
        if key.startswith(UNLINKED) and key not in part.off:
            source_id = one.ref.source_id
            reason = f"at {move.source} (id {source_id}): {why.get(source_id, 'it is not linked')}"
            after: dict[str, Value] = {NAME_FIELD[move.into]: one.name}
            yield Change(
                id=f"{move.target}:{Op.CREATE}:{key}",
                connection=move.target,
                entity=move.into,
                op=Op.CREATE,
                status=Status.HELD,
                canonical_id=key,
                source_id=None,
                before=None,
                after=after,
                depends_on=(),
                rule="ambiguous_match",
                reason=f"{reason}. What to do: orgweave review",
            )


def spared(changes: Iterable[Change], target: Target, written: Mapping[str, Mapping[str, Value]]) -> Iterator[Change]:
    """The changes, those held whose record somebody edited at the target since we wrote it.

    ``written``: source id → what we last wrote into each field, references as source ids.
    """
    for change in changes:
        shadow = target.shadows.get(str(change.source_id)) if change.op != Op.CREATE else None
        ours = written.get(str(change.source_id), {}) if shadow else {}
        edited = [
            name
            for name in change.after
            if shadow is not None and name in ours and not same(ours[name], shadow.values.get(name))
        ]
        if edited and change.status == Status.READY:
            text = (
                f"{', '.join(edited)} was edited at {target.connection} since it was moved there. What to do: change "
                "it back there, and the next migration goes on from the source; or leave it"
            )
            yield replace(change, status=Status.HELD, rule="edited_at_target", reason=text)
        else:
            yield change


def unrivalled(
    changes: Iterable[Change], taken: Sequence[tuple[str, str, str | None]], ours: Iterable[str]
) -> Iterator[Change]:
    """The changes, creates refused whose name a record there has that is none of ``ours`` (source ids).

    For records that become something of another kind: nothing matches them with what is there already.
    """
    own = set(ours)
    holders = {name: source_id for source_id, name, _ in taken if source_id not in own}
    for change in changes:
        holder = holders.get(fold(str(change.after.get(NAME_FIELD[change.entity]))))
        if change.op == Op.CREATE and change.status == Status.READY and holder is not None:
            text = (
                f"{change.connection} has a {change.entity} of this name already (id {holder}). What to do: rename one"
            )
            yield refuse(change, "name_taken", text)
        else:
            yield change
