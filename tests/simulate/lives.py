"""The life of a world: it is founded, storms pass over it, and when the sun shines again all must be well."""

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from tests.simulate.ending import judge_ending
from tests.simulate.engine import Synced
from tests.simulate.faults import THEMES, swarm
from tests.simulate.people import NAMES, People
from tests.simulate.towns import TOWNS
from tests.simulate.world import World

CALM = 4  # runs after the storm: at most three that may write, and one that must not


@dataclass
class Outcome:
    """What came of a world."""

    seed: int
    violations: list[str]
    left: list[str] = field(default_factory=list)
    steps: int = 0
    kills: int = 0
    renamed: int = 0
    runs: int = 0
    writes: int = 0
    edits: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    trace: list[str] = field(default_factory=list)


def live(seed: int, folder: Path, *, verbose: bool = False) -> Outcome:
    """The whole life of the world of a seed."""
    rng = Random(seed)  # noqa: S311 - a replay must draw the same
    town = rng.choices(TOWNS, [one.weight for one in TOWNS])[0]
    town = replace(town, writers=rng.choice([1, 4]))
    place = folder / f"world-{seed}"
    place.mkdir(parents=True)
    world = World(town, rng, place, verbose=verbose)
    world.tell(f"seed {seed}: {town}")
    people = People(world, rng)
    try:
        found(world, rng)
        weather = storm(world, people, rng)
        calm(world, people)
    finally:
        world.close()
    return Outcome(
        seed,
        world.judge.violations,
        world.left,
        world.steps,
        world.kills,
        world.judge.renamed,
        world.runs,
        world.judge.sent,
        len(people.edits),
        Counter({str(kind): many for kind, many in weather.items()}),
        world.trace,
    )


def found(world: World, rng: Random) -> None:
    """Make the first records: at the first vendor some, at the others some of the same and some of their own."""
    first, *others = world.houses
    entity, house = world.town.entity, world.houses[first]
    keys: list[str | None] = [None]
    names = rng.sample(NAMES, rng.choice([2, 3, 4, 6, 9]))
    if house.tree and rng.random() < 0.3:
        names.append(rng.choice(names))  # namesakes, below other parents
    for called in names:
        keys.append(house.create(entity, called, rng.choice(keys) if house.tree else None) or None)
    for name in others:
        if rng.random() < 0.6:
            below = {one["name"] for one in world.truth(first).values() if one.get("parent_id")}
            for called in sorted(
                {*rng.sample(NAMES, rng.choice([1, 2, 3]))} - (below if world.houses[name].tree else set())
            ):
                world.houses[name].create(entity, called, None)
    world.judge.notice(world.clock.seconds)
    world.clock.sleep(200)
    if rng.random() < (0.6 if world.town.both_ways else 0.3):
        world.sync()


def storm(world: World, people: People, rng: Random) -> dict[str, int]:
    """Runs under faults, edits and kills."""
    theme = rng.choices(THEMES, [one.weight for one in THEMES])[0]
    weather = swarm(rng, theme)
    people.chance = rng.choice(theme.editing)
    deadly = rng.random() < theme.dying
    world.tell(f"weather: {weather.kinds} {weather.chance} {weather.aimed} {weather.longest}, deadly: {deadly}")
    with world.weather(weather):
        world.between = people.maybe
        for _ in range(rng.choice([1, 2, 2, 3])):
            for _ in range(rng.choice([0, 1, 2, 4])):
                people.act()
            world.kill_at = world.steps + int(rng.expovariate(1 / 40)) + 1 if deadly else 0
            done = world.sync(resume=rng.random() < 0.4)
            if done is None and rng.random() < 0.2:
                world.lose_working()
            world.clock.sleep(rng.choice(theme.gaps))
        world.between, world.kill_at = None, 0
    return {str(kind): many for kind, many in weather.count.items()}


def calm(world: World, people: People) -> None:
    """Nobody edits and nothing fails: at most three runs, and the next one writes nothing."""
    world.clock.sleep(200)
    done: Synced | None = None
    for number in range(1, CALM + 1):
        sent = world.judge.sent
        done = world.sync()
        if world.judge.sent == sent and not world.safety.open_intents():
            break
        if number == CALM and world.judge.sent > sent:
            world.judge.accuse(f"run {number} after the storm still writes")
        world.clock.sleep(150)
    assert done is not None
    judge_ending(world, people, done)
