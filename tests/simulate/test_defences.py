"""Defences that others mask: each looked at by itself, in a small world."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from mappings.model import Link, Method, Op, Ref
from tests.simulate.faults import Kind, Weather
from tests.simulate.line import Killed
from tests.simulate.queries import minded
from tests.simulate.towns import TOWNS, Town
from tests.simulate.world import World

UDESKS, NEXUDUS, BOTH_WAYS = TOWNS[2], TOWNS[1], TOWNS[10]
TREE_AND_FLAT = next(one for one in TOWNS if one.both_ways and one.on_conflict == "newest")


WORLDS: list[World] = []


@pytest.fixture(autouse=True)
def _mind() -> Iterator[None]:
    with minded():
        yield
    while WORLDS:
        WORLDS.pop().close()


def made(town: Town, folder: Path) -> World:
    (folder / "world").mkdir()
    WORLDS.append(World(town, Random(3), folder / "world"))  # noqa: S311 - a replay must draw the same
    return WORLDS[-1]


class Tardy(Random):
    """Chance that is always as late as can be."""

    def uniform(self, a: float, b: float) -> float:
        return b if b > 1 else a


def names(world: World, name: str = "two") -> list[tuple[str, str | None]]:
    return sorted((one["name"], one.get("parent_id")) for one in world.truth(name).values())


def dies_when(world: World, moment: Callable[[], bool]) -> None:
    """A run that is killed at the first step at which this is so."""

    def between() -> None:
        if moment():
            raise Killed

    world.between = between
    assert world.sync() is None
    world.between = None


def later(world: World, seconds: float = 200, runs: int = 3) -> None:
    for _ in range(runs):
        world.clock.sleep(seconds)
        world.sync()
    assert world.judge.violations == []


def test_a_lost_create_is_adopted_by_the_name_that_was_sent_whatever_it_should_be_called_today(tmp_path: Path) -> None:
    world = made(NEXUDUS, tmp_path)
    key = world.houses["one"].create(world.town.entity, "Ops", None)
    dies_when(world, lambda: bool(world.truth("two")))
    world.houses["one"].edit(world.town.entity, str(key), "name", "Operations")
    world.lines["two"].weather = Weather(world.rng, (Kind.DENIED,), 1.0, 1)  # only the new name is read
    world.sync()
    world.lines["two"].weather = None
    later(world)
    assert names(world) == [("Operations", None)]
    assert world.safety.open_intents() == []


def test_a_record_below_another_parent_is_not_what_a_create_made(tmp_path: Path) -> None:
    world = made(UDESKS, tmp_path)
    house, other, entity = world.houses["one"], world.houses["two"], world.town.entity
    first, _ = house.create(entity, "First", None), house.create(entity, "Second", None)
    world.sync()
    there = {one["name"]: key for key, one in world.truth("two").items()}
    house.create(entity, "Team", first)
    with world.weather(Weather(world.rng, (Kind.ERROR_BEFORE,), 1.0, 1, "POST")):
        world.sync()
    assert [one.intent.op for one in world.safety.open_intents()] == [Op.CREATE]
    wrong = other.create(entity, "Team", there["Second"])
    later(world, runs=1)
    assert all(link.ref.source_id != wrong or link.method != "journal" for link in world.safety.links())


def test_what_was_there_before_a_create_is_not_what_it_made(tmp_path: Path) -> None:
    world = made(NEXUDUS, tmp_path)
    entity = world.town.entity
    here = world.houses["two"].create(entity, "Elsewhere", None)
    world.sync()
    world.houses["one"].create(entity, "Ops", None)
    with world.weather(Weather(world.rng, (Kind.ERROR_BEFORE,), 1.0, 1, "POST")):
        world.sync()
    world.safety._db.execute(
        "UPDATE links SET unlinked_run = 'run-1', unlinked_at = linked_at WHERE source_id = ?", (here,)
    )
    world.houses["two"].edit(entity, str(here), "name", "Ops")
    later(world, runs=1)
    assert [link for link in world.safety.links() if link.ref.source_id == here and link.method == "journal"] == []


@pytest.mark.parametrize("wait", [12, 35])
def test_a_create_that_is_executed_a_minute_late_gets_no_twin(wait: float, tmp_path: Path) -> None:
    world = made(NEXUDUS, tmp_path)
    world.houses["one"].create(world.town.entity, "Ops", None)
    line = world.lines["two"]
    with world.weather(Weather(world.rng, (Kind.LATE,), 1.0, 1, "POST")):
        line.rng = Tardy()
        world.sync()
    for _ in range(4):
        world.clock.sleep(wait / 4)
        world.sync()
    later(world)
    assert names(world) == [("Ops", None)]


def test_a_create_that_is_executed_after_the_process_died_gets_no_twin(tmp_path: Path) -> None:
    world = made(NEXUDUS, tmp_path)
    world.houses["one"].create(world.town.entity, "Ops", None)
    with world.weather(Weather(world.rng, (Kind.LATE,), 1.0, 1, "POST")):
        world.lines["two"].rng = Tardy()
        dies_when(world, lambda: bool(world.judge.sent))
    later(world, 3)
    later(world)
    assert names(world) == [("Ops", None)]


def test_one_whole_read_after_the_settle_time_is_not_enough(tmp_path: Path) -> None:
    world = made(NEXUDUS, tmp_path)
    world.houses["one"].create(world.town.entity, "Ops", None)
    with world.weather(Weather(world.rng, (Kind.ERROR_BEFORE,), 1.0, 1, "POST")):
        world.sync()
    world.clock.sleep(200)
    world.sync()
    assert len(world.safety.open_intents()) == 1
    later(world, 10)
    assert names(world) == [("Ops", None)]


def test_a_plan_that_goes_on_makes_nothing_that_somebody_else_made_meanwhile(tmp_path: Path) -> None:
    world = made(NEXUDUS, tmp_path)
    for called in ("First", "Ops"):
        world.houses["one"].create(world.town.entity, called, None)
    dies_when(world, lambda: len(world.safety.links()) > 2)
    world.houses["two"].create(world.town.entity, "Ops", None)
    world.sync(resume=True)
    later(world)
    assert names(world) == [("First", None), ("Ops", None)]


def test_of_two_equal_creates_one_waits_for_the_other(tmp_path: Path) -> None:
    world = made(replace(NEXUDUS, naming="leaf", writers=4), tmp_path)
    house, entity = world.houses["one"], world.town.entity
    for called in ("North", "South"):
        house.create(entity, "Support", house.create(entity, called, None))
    world.sync()
    later(world)
    assert [name for name, _ in names(world)] == ["North", "South", "Support", "Support"]


def test_an_edit_that_could_not_be_passed_on_is_not_set_back(tmp_path: Path) -> None:
    world = made(BOTH_WAYS, tmp_path)
    entity, house = world.town.entity, world.houses["two"]
    world.houses["one"].create(entity, "Ops", None)
    world.sync()
    later(world, runs=1)
    house.edit(entity, next(iter(world.truth("two"))), "name", "Operations")
    world.lines["one"].weather = Weather(world.rng, (Kind.REFUSED,), 1.0, 1, "POST")
    world.sync()
    world.lines["one"].weather = None
    assert {one["name"] for one in world.safety.bases().values()} == {"Ops"}  # nobody agreed on the other one yet
    world.lose_working()  # so that all of it is merged anew
    later(world)
    assert [name for where in world.houses for name, _ in names(world, where)] == ["Operations"] * 2


def test_nothing_is_sent_for_a_child_whose_parent_somebody_took_away(tmp_path: Path) -> None:
    world = made(UDESKS, tmp_path)
    entity, house = world.town.entity, world.houses["one"]
    parent, _ = house.create(entity, "First", None), house.create(entity, "Second", None)
    world.sync()
    there = {one["name"]: key for key, one in world.truth("two").items()}
    world.houses["two"].delete(entity, there["First"])
    house.create(entity, "Team", parent)
    sent = world.judge.sent
    later(world)
    assert world.judge.sent == sent


def test_a_branch_of_any_depth_is_made_in_one_run(tmp_path: Path) -> None:
    world = made(UDESKS, tmp_path)
    key: str | None = None
    for number in range(6):
        key = world.houses["one"].create(world.town.entity, f"Level {number}", key)
    world.sync()
    assert len(world.truth("two")) == 6


def test_a_create_that_shows_late_beside_a_record_that_was_linked_meanwhile_stops_no_run(tmp_path: Path) -> None:
    world = made(NEXUDUS, tmp_path)
    other, entity = world.houses["two"], world.town.entity
    stores = other.create(entity, "Stores", None)
    world.sync()
    world.houses["one"].create(entity, "Ops", None)
    with world.weather(Weather(world.rng, (Kind.ERROR_BEFORE,), 1.0, 1, "POST")):
        world.sync()
    [open_] = world.safety.open_intents()
    ref, now = Ref("two", entity, str(stores)), world.clock.now()
    world.safety.unlink(ref, open_.intent.run_id, now)
    world.safety.add_links([Link(ref, open_.intent.canonical_id, Method.PERSON)], open_.intent.run_id, now)
    other.create(entity, "Ops", None)
    assert world.sync() is not None
    assert world.safety.open_intents() == []
    assert world.safety.linked_ids("two", entity)[str(stores)] == open_.intent.canonical_id


def test_an_edit_between_our_write_and_the_look_at_it_is_an_edit(tmp_path: Path) -> None:
    world = made(replace(BOTH_WAYS, on_conflict="newest"), tmp_path)
    entity, (one, two) = world.town.entity, world.houses.values()
    first = str(one.create(entity, "Ops", None))
    world.sync()
    later(world, runs=1)
    one.edit(entity, first, "name", "Stores")

    def between() -> None:
        if names(world, "two") == [("Stores", None)]:
            world.between = None
            two.edit(entity, next(iter(world.truth("two"))), "name", "Care")

    world.between = between
    later(world)
    assert names(world, "one") == names(world, "two") == [("Care", None)]


def test_an_edit_of_a_record_that_was_linked_beside_an_open_create_is_an_edit(tmp_path: Path) -> None:
    world = made(TREE_AND_FLAT, tmp_path)
    entity, (one, two) = world.town.entity, world.houses.values()
    top = one.create(entity, "Top", None)
    world.sync()
    two.create(entity, "Stock", None)
    with world.weather(Weather(world.rng, (Kind.ERROR_BEFORE,), 1.0, 1, "POST")):
        world.sync()
    assert len(world.safety.open_intents()) == 1
    key = str(one.create(entity, "Stock", top))  # elsewhere than ours would be: it is linked by its name

    def between() -> None:
        if key in world.safety.linked_ids("one", entity):
            world.between = None
            one.edit(entity, key, "name", "Sales")

    world.between = between
    later(world)
    assert ("Sales", None) in names(world, "two") or ("Top / Sales", None) in names(world, "two")
    assert world.truth("one")[key]["name"] == "Sales"
