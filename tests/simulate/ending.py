"""How a world must end: the systems agree, no edit is lost, nothing is open, and little is left for a person."""

from collections.abc import Iterator

from mappings.model import Op, Value
from mappings.naming import SEPARATOR, fold
from tests.simulate.engine import Synced
from tests.simulate.faults import Kind
from tests.simulate.people import People
from tests.simulate.world import World

UNSURE = ("ambiguous_match", "outcome_unknown")
"""Rules of changes that wait for a person because orgweave cannot tell what happened."""


def judge_ending(world: World, people: People, done: Synced) -> None:
    """Accuse whatever is wrong at the end."""
    judge = world.judge
    last = done.after.plan
    if world.engine.guarded:
        world.left.append("guarded read")
        return
    if last.ready() and not any(one.rule == "over_limit" for one in last.changes):
        judge.accuse(f"there are still changes to make: {[(one.id, one.op, dict(one.after)) for one in last.ready()]}")
    asked = {one.canonical_id for one in last.changes if one.rule == "outcome_unknown"}
    for open_ in world.safety.open_intents():  # a create beside a newcomer nobody can tell waits for a person
        if open_.intent.op != Op.CREATE:
            judge.accuse(f"a {open_.intent.op} is still open")
        elif open_.intent.canonical_id not in asked:
            world.left.append("open create")
    world.left += [f"{one.rule}" for one in last.changes if one.rule in UNSURE]
    world.left += [f"dispute {one.question}" for one in world.engine.mind.disputes]
    waiting = {(one.connection, one.canonical_id) for one in last.changes}
    for text in (*_unlike(world, waiting), *_lost(world, people, waiting)):
        judge.accuse(text)


def _linked(world: World) -> dict[str, dict[str, str]]:
    """Canonical id → connection → source id, of records that are there."""
    found: dict[str, dict[str, str]] = {}
    for link in world.safety.links():
        if link.ref.source_id in world.truth(link.ref.connection):
            found.setdefault(link.canonical_id, {})[link.ref.connection] = link.ref.source_id
    return found


def _unlike(world: World, waiting: set[tuple[str, str]]) -> Iterator[str]:
    """Where a target does not hold what the first authority that has the record holds."""
    town, linked = world.town, _linked(world)
    back = {(name, key): one for one, here in linked.items() for name, key in here.items()}
    asked = {(one.ref.connection, one.ref.source_id) for one in world.engine.mind.disputes}
    for name in town.authority:
        for key, record in world.truth(name).items():
            one = back.get((name, key))
            if one is None and (name, key) not in asked:
                yield f"{name}: {key} is linked to nothing"
            for target in town.write_to if one else ():
                if target == name or not waiting.isdisjoint({(target, str(one)), (name, str(one))}):
                    continue
                if target not in linked[str(one)]:
                    if not _was(world, target, str(one)):
                        yield f"{target} has no {record['name']!r} ({one}), and no change says why"
                    continue
                yield from _differs(world, (name, key), (target, linked[str(one)][target]), str(one), back)


def _was(world: World, name: str, one: str) -> bool:
    """Whether the record had one there that somebody took away."""
    rows = world.safety.crosswalk_rows()
    lived = {*world.judge.standing, *world.judge.born}
    return any(row[1] == one and row[2] == name and (name, row[3]) in lived for row in rows)


def _differs(
    world: World, ours: tuple[str, str], theirs: tuple[str, str], one: str, back: dict[tuple[str, str], str]
) -> Iterator[str]:
    (name, key), (target, other) = ours, theirs
    record, there = world.truth(name)[key], world.truth(target)[other]
    if not _alike(record["name"], there["name"]):
        yield f"{one} is {record['name']!r} at {name} and {there['name']!r} at {target}"
    told = record.get("description")  # an empty one says nothing until it was agreed on
    if told is not None and "description" in there and told != there["description"]:
        yield f"{one} is described as {record['description']!r} at {name}, {there['description']!r} at {target}"
    above = record.get("parent_id")
    known = above is None or (name, str(above)) in back  # it may wait itself
    if "parent_id" in record and "parent_id" in there and known:
        ups = [back.get((where, str(it["parent_id"]))) for where, it in ((name, record), (target, there))]
        if ups[0] != ups[1]:
            yield f"{one} stands below {ups[0]} at {name} and below {ups[1]} at {target}"


def _alike(one: str, other: str) -> bool:
    """Whether two names can mean the same: a flat system may have the path before it."""
    a, b = fold(one), fold(other)
    return a == b or a.endswith(fold(f"x{SEPARATOR}{other}")[1:]) or b.endswith(fold(f"x{SEPARATOR}{one}")[1:])


def _lost(world: World, people: People, waiting: set[tuple[str, str]]) -> Iterator[str]:
    """Edits that did not survive although no rule speaks against them."""
    town, linked = world.town, _linked(world)
    if world.weather_seen.get(Kind.STALE):
        return  # a vendor that tells no times may be believed to have gone back
    said, spoilt = _said(world, people, linked)
    gone = _said_of_gone(world, people)
    for (one, field), values in said.items():
        here = linked[one]
        unseen = any((name, key, field) in world.judge.window for name, key in here.items())
        if unseen or (one, field) in spoilt or any((name, one) in waiting for name in here):
            continue
        for name, key in here.items():
            record, known = world.truth(name)[key], _canonical(world)
            heard = (name in values or town.both_ways) and field in record
            fits = (*values.values(), *gone.get((one, field), ()))
            if not heard or any(_is(_meant(known, name, field, record[field]), value) for value in fits):
                continue
            if field != "name" or not any(_follows(world, people, name, (record[field], value)) for value in fits):
                yield f"{name}: {field} of {key} is {record[field]!r}; people said {values}"


def _follows(world: World, people: People, name: str, both: tuple[Value, Value]) -> bool:
    """Whether a flat system's name is the one that was said, below what is called otherwise by now."""
    (head, _, leaf), (before, _, said) = (str(one).rpartition(SEPARATOR) for one in both)
    if world.houses[name].tree or not head or not before or fold(leaf) != fold(said):
        return False
    known = _canonical(world)
    here = {known.get((name, key)) for key, one in world.truth(name).items() if _alike(one["name"], head)}
    once = {known.get((one.name, one.key)) for one in people.edits if one.field == "name" and one.value == before}
    once |= {known.get(place) for place, names in world.judge.called.items() if before in names}
    return not (here & once).isdisjoint(known.values())


def _said_of_gone(world: World, people: People) -> dict[tuple[str, str], list[Value]]:
    """What people said of records that somebody took away since: they had their say while they were there."""
    known = _canonical(world)
    found: dict[tuple[str, str], list[Value]] = {}
    for edit in people.edits:
        if (edit.name, edit.key) in known and edit.key not in world.truth(edit.name):
            value = _meant(known, edit.name, edit.field, edit.value)
            found.setdefault((known[edit.name, edit.key], edit.field), []).append(value)
    return found


def _canonical(world: World) -> dict[tuple[str, str], str]:
    """The canonical id of every record that ever had one."""
    return {(row[2], row[3]): row[1] for row in world.safety.crosswalk_rows()}


def _meant(known: dict[tuple[str, str], str], name: str, field: str, value: Value) -> Value:
    """A value in terms that all systems share: a parent by its canonical id."""
    return value if field != "parent_id" or value is None else known.get((name, str(value)), f"{name}:{value}")


def _said(
    world: World, people: People, linked: dict[str, dict[str, str]]
) -> tuple[dict[tuple[str, str], dict[str, Value]], set[tuple[str, str]]]:
    """What people said last of each field, by connection; and the fields edited before they were agreed on."""
    town = world.town
    back = {(name, key): one for one, here in linked.items() for name, key in here.items()}
    known = _canonical(world)
    said: dict[tuple[str, str], dict[str, Value]] = {}
    spoilt: set[tuple[str, str]] = set()
    for edit in people.edits:
        one = back.get((edit.name, edit.key))
        if one is None:
            continue
        carried = any(edit.field in world.houses[name].fields for name in town.authority)
        if carried and edit.name not in town.authority:
            continue  # it is set back: the authority's rule
        if carried and town.both_ways and not edit.agreed:
            spoilt.add((one, edit.field))
        said.setdefault((one, edit.field), {})[edit.name] = _meant(known, edit.name, edit.field, edit.value)
    return said, spoilt


def _is(held: Value, said: Value) -> bool:
    return held == said or (isinstance(held, str) and isinstance(said, str) and _alike(held, said))
