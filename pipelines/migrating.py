"""Plan a migration: what one account holds, compared with another, whatever the configured rules say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mappings.diff import diff
from mappings.limits import Limits, check
from mappings.migration import RULE, Load, Move, load, spared, unrivalled, waiting
from mappings.model import Dispute, Entity, Op, Shadow
from mappings.naming import SEPARATOR
from mappings.order import number, settle
from mappings.parity import Pair, State, side_by_side, strays
from mappings.plan import Change
from mappings.remedies import told
from mappings.shortening import fitted
from mappings.target import Policy, Target
from mappings.waves import below, sample, with_parents
from pipelines.becoming import Becoming, becoming
from pipelines.errors import Exit, UsageError
from pipelines.planning import Planned, sealed
from pipelines.run import Run
from pipelines.targeting import policy_of, target_of
from state import differing, golden
from state.links import linked
from state.names import leaves


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be moved: the kinds, and how much of them. ``people``: source id there → canonical id of a person.

    ``shorten``: names that are too long for the target are cut.
    """

    moves: tuple[Move, ...]
    subtree: str | None = None
    sample: int | None = None
    people: Mapping[str, str] = field(default_factory=dict)
    shorten: bool = False


@dataclass(frozen=True, slots=True)
class Leg:
    """One kind of a migration: what is to be moved, the target as it is, and the changes in their order.

    ``found``: what of another kind stands at the target for it already.
    """

    move: Move
    part: Load
    target: Target
    changes: tuple[Change, ...]
    taken: Sequence[tuple[str, str, str | None]]
    found: Becoming

    @property
    def there(self) -> int:
        """How many of what is to be moved stand at the target already."""
        ours = (self.target.shadows.get(self.target.here.get(key, "")) for key in self.part.sources)
        return sum(1 for one in ours if one is not None and one.active)

    @property
    def adopted(self) -> dict[str, str]:
        """What was found now: canonical id at the source → source id at the target, of what is to be moved."""
        return {one: there for one, there in self.found.new.items() if self.move.key(one) in self.part.sources}


@dataclass(frozen=True, slots=True)
class Migration:
    """A planned migration, and its legs."""

    planned: Planned
    legs: tuple[Leg, ...]

    @property
    def size(self) -> int:
        """How many records of the source it is about."""
        return sum(len(leg.part.sources) for leg in self.legs)


def compute(run: Run, wanted: Wanted, disputes: Sequence[Dispute]) -> Migration:
    """The migration as it would be now. Touches no vendor and keeps nothing.

    ``[limits] creates`` does not hold: a migration is asked for by name, and shown before. ``UsageError`` where the
    subtree is not there.
    """
    skipped: list[tuple[str, str, Exit]] = []
    legs: list[Leg] = []
    for move in wanted.moves:
        if unread := _unread(run, move):
            skipped.append(unread)
        else:
            legs.append(_leg(run, wanted, move, disputes))
    limits = Limits((), run.config.limits.renames, run.config.limits.deletes)
    held = {(leg.move.target, leg.move.into): len(leg.taken) for leg in legs}
    changes = number(check([one for leg in legs for one in leg.changes], held, limits, run.accepted))
    legs = [replace(leg, changes=tuple(one for one in changes if one.entity == leg.move.into)) for leg in legs]
    return Migration(sealed(run, changes, skipped), tuple(legs))


def propose_found(run: Run, migration: Migration) -> None:
    """Keep with the plan which records of another kind stand for which, whatever they are called later."""
    for leg in migration.legs:
        where = (leg.move.target, leg.move.into)
        run.safety.propose_became(migration.planned.plan.plan_id, where, leg.move.entity, leg.adopted)


def _unread(run: Run, move: Move) -> tuple[str, str, Exit] | None:
    """Why a kind cannot be planned: one of the two was not read whole."""
    for name, entity in ((move.source, move.entity), (move.target, move.into)):
        resource = run.config.connections[name].vendor.resource(entity).name
        code = run.unread.get((name, resource))
        if code is not None or resource not in run.working.raw.read_whole(name):
            return name, f"no {entity}s are moved: its last read was not whole", code or Exit.CONNECTION
    return None


def _leg(run: Run, wanted: Wanted, move: Move, disputes: Sequence[Dispute]) -> Leg:
    card = run.config.connections[move.source].card.entities[move.entity]
    shadows = golden.shadows(run.working, move.entity, move.source, card.carries)
    links = {one: key for key, one in linked(run.working, move.entity).get(move.source, {}).items()}
    found = becoming(run, move, shadows, links)
    move = replace(move, there=found.there)
    part = _part(run, wanted, move, shadows, links)
    policy = replace(policy_of(run, move.into), authority=(move.source,))
    target = _target(run, move, disputes, policy, part)
    target = replace(target, disputed={**target.disputed, **{move.key(one): why for one, why in found.asked.items()}})
    names = part.names
    if not card.tree and target.card.tree:
        names = part.read_as(leaves(run.working, move.source), target.here)
    names = fitted(names, target, shorten=wanted.shorten)
    written = run.safety.last_written(move.target, move.into)
    taken = differing.taken(run.working, move.into, move.target)
    drafts = list(spared(diff(part.records, names, target, policy), target, written))
    if move.entity != move.into:
        drafts = list(unrivalled(drafts, taken, target.here.values()))
    changes = [*settle(drafts, target), *waiting(move, part, disputes)]
    naming = run.config.kinds[move.entity].naming
    return Leg(move, part, target, tuple(told(changes, move, part, naming)), taken, found)


def _part(run: Run, wanted: Wanted, move: Move, shadows: Sequence[Shadow], links: Mapping[str, str]) -> Load:
    """What is to be moved of a kind: all of it, a subtree, a sample."""
    persons = {source_id: key for key, source_id in linked(run.working, Entity.PERSON).get(move.source, {}).items()}
    on = differing.belongings(run.working, move.entity, move.source, [one.ref.source_id for one in shadows])
    whole = load(
        move,
        shadows,
        links,
        lambda source_id: wanted.people.get(source_id) or persons.get(source_id),
        naming=run.config.kinds[move.entity].naming,
        off=frozenset(source_id for source_id, (switched_on, _) in on.items() if not switched_on),
    )
    if wanted.subtree is not None:
        whole = whole.within(_subtree(move, whole, wanted.subtree))
    if wanted.sample is not None:
        inside = replace(whole, names=replace(whole.names, paths=_of(whole.names.paths, whole.sources)))
        whole = whole.within(with_parents(whole, sample(inside, wanted.sample)))
    return whole


def _subtree(move: Move, whole: Load, path: str) -> set[str]:
    if kept := below(whole, path):
        return kept
    tops = ", ".join(sorted({names[0] for names in whole.names.paths.values()})[:5])
    raise UsageError(
        f"--subtree {path}: {move.source} has no {move.entity} of this path. What to do: names from the root down, "
        f"joined by {SEPARATOR!r}; there are {tops}"
    )


def _of(paths: Mapping[str, tuple[str, ...]], keys: Mapping[str, Shadow]) -> dict[str, tuple[str, ...]]:
    return {key: path for key, path in paths.items() if key in keys}


def _target(run: Run, move: Move, disputes: Sequence[Dispute], policy: Policy, part: Load) -> Target:
    """The target as a migration sees it: what we deleted there may be made again, and drift is looked at apart."""
    target = target_of(run, disputes, (move.target, move.into), policy, part.records)
    away = run.safety.taken_away(move.target, move.into)
    dead = {source_id for source_id in away if source_id not in target.shadows or not target.shadows[source_id].active}
    here = {key: source_id for key, source_id in target.here.items() if source_id not in dead}
    origin = {key: one.ref.source_id for key, one in part.sources.items()}
    return replace(target, links={**target.links, move.source: origin, move.target: here}, drifted={})


def parity(run: Run, leg: Leg, *, whole: bool) -> Iterator[Pair]:
    """Both sides of a kind, side by side; what the target has beside it only where ``whole`` is looked at."""
    move = leg.move
    off = differing.switched_off(run.working, move.into, move.target)
    ours = differing.switched_off(run.working, move.entity, move.source)
    for pair in side_by_side(leg.part, leg.target, leg.changes):
        gone = pair.state == State.SAME and pair.target_id in off and pair.source_id not in ours
        yield replace(pair, state=State.DIFFERS, why="it is switched off there") if gone else pair
    if whole:
        card = run.config.connections[move.target].card.entities[move.into]
        there = golden.shadows(run.working, move.into, move.target, card.carries)
        names = {one.ref.source_id: one.name for one in there if one.active}
        yield from strays(leg.part, leg.target, leg.taken, names, _made(run, move))


def _made(run: Run, move: Move) -> set[str]:
    """The records of the target that migrations made of records of this source, whatever became of these."""
    made = {source_id for source_id, op in run.safety.written_by(RULE, move.target, move.into) if op == Op.CREATE}
    ever = {move.key(key) for key in linked(run.working, move.entity).get(move.source, {})}
    back = linked(run.working, move.into).get(move.target, {})
    return {source_id for key, source_id in back.items() if key in ever and source_id in made}
