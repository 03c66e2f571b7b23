"""Every crash point of a plan of 30 changes: killed at each step, and every answer to a write lost once."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.simulate.lives import calm
from tests.simulate.people import NAMES, People
from tests.simulate.towns import TOWNS, Town
from tests.simulate.world import World

PLANS: tuple[Town, ...] = (TOWNS[2], TOWNS[0], TOWNS[1], TOWNS[9])
"""Udesk to Udesk, Udesk to ScalePad, Udesk to Nexudus, and Nexudus's teams to Nexudus."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a plan is: creates (some below others), renames, and pairs of names that are swapped."""

    creates: int
    renames: int
    swaps: int


THIRTY = Size(16, 10, 2)
SMALL = Size(3, 2, 1)


@dataclass
class Points:
    """How many points were tried, and what was wrong at which."""

    size: str = ""
    tried: int = 0
    left: int = 0
    violations: list[str] = field(default_factory=list)

    def join(self, other: "Points") -> None:
        """Take another plan's points in."""
        self.tried += other.tried
        self.left += other.left
        self.violations += other.violations


def made(town: Town, seed: int, place: Path, size: Size = THIRTY) -> tuple[World, People]:
    """A world in step, and then many changes at its first vendor: creates below creates, renames, swapped names."""
    rng = Random(seed)  # noqa: S311 - a replay must draw the same
    place.mkdir(parents=True)
    world = World(town, rng, place)
    people = People(world, rng)
    house, entity = world.houses["one"], town.entity
    keys = [house.create(entity, f"{called} {number}", None) for number, called in enumerate(NAMES[: size.renames])]
    pairs = [house.create(entity, f"Swap {number}", None) for number in range(size.swaps * 2)]
    world.judge.notice(0.0)
    world.clock.sleep(200)
    world.sync()
    for number, key in enumerate(keys):
        people.give("one", str(key), "name", f"Renamed {number}")
    for first, second in zip(pairs[::2], pairs[1::2], strict=True):
        one, other = (world.truth("one")[str(key)]["name"] for key in (first, second))
        people.give("one", str(first), "name", "(between)")
        people.give("one", str(second), "name", one)
        people.give("one", str(first), "name", other)
    above: str | None = None
    for number in range(size.creates):
        new = house.create(entity, f"New {number}", above if house.tree else None)
        above = new if number % 3 else None
    return world, people


def points(town: Town, seed: int, folder: Path, *, every: int = 1, size: Size = THIRTY) -> Points:
    """Kill the apply of this plan at every step (or each so-manieth), and lose every answer once.

    A plan of an odd seed is resumed by the next run, one of an even seed is planned anew.
    """
    place = folder / f"points-{seed}"
    found = Points("30" if size == THIRTY else "small")
    world, _ = made(town, seed, place, size)
    before, writes = world.steps, world.judge.sent
    world.sync()
    last, sent = world.steps - before, world.judge.sent - writes
    world.close()
    trials = [(step, 0) for step in range(1 + seed % every, last + 1, every)]
    trials += [(0, write) for write in range(1 + seed % every, sent + 1, every)]
    for step, write in trials:
        shutil.rmtree(place, ignore_errors=True)
        world, people = made(town, seed, place, size)
        world.kill_at = world.steps + step if step else 0
        world.lines["two"].lose = world.lines["two"].writes + write if write else 0
        world.sync()
        world.kill_at = world.lines["two"].lose = 0
        if seed % 2:
            world.sync(resume=True)
        calm(world, people)
        world.close()
        found.tried += 1
        found.left += bool(world.left)
        where = f"step {step} of {last}" if step else f"answer {write} of {sent} lost"
        found.violations += [f"{dict(town.vendors)} seed {seed}, {where}: {text}" for text in world.judge.violations]
    return found
