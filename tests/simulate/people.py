"""People: they edit their records while orgweave works, and tell nobody."""

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

from mappings.model import Value
from tests.simulate.world import World

NAMES = (
    *("Sales", "Support", "Ops", "Legal", "客服", "Labs", "HR", "IT", "Press", "Field", "Kitchen", "Night Shift"),
    *("Care", "Stock", "Fleet", "Audit", "Travel", "Archive", "Front Desk", "Ländler", "Müller & Co", "R / D"),
)
WORDS = ("north wing", "south wing", "since May", None, "ask Anna")


@dataclass(frozen=True, slots=True)
class Edit:
    """A field that somebody gave a value; ``agreed``: all its systems had agreed on it before."""

    name: str
    key: str
    field: str
    value: Value
    agreed: bool


@dataclass
class People:
    """Those who may edit: ``chance`` is how likely one acts between two steps."""

    world: World
    rng: Random
    chance: float = 0.0
    edits: list[Edit] = field(default_factory=list)
    busy: bool = False
    done: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def maybe(self) -> None:
        """Between two steps: perhaps somebody does something."""
        if self.chance and not self.busy and self.rng.random() < self.chance:
            self.act()

    def act(self) -> None:
        """Somebody does something, somewhere."""
        self.busy = True
        names = list(self.world.houses)
        name = self.rng.choice([names[0], names[0], *names])
        if self.world.town.both_ways:
            name = self.rng.choice(names)
        deed = self.rng.choices(["edit", "create", "delete", "move", "swap", "same"], [8, 3, 2, 2, 1, 3])[0]
        getattr(self, f"_{deed}")(name)
        self.busy = False

    def _some(self, name: str) -> str | None:
        there = sorted(self.world.truth(name))
        return self.rng.choice(there) if there else None

    def _edit(self, name: str) -> None:
        house, key = self.world.houses[name], self._some(name)
        if key is None:
            return
        what = "description" if "description" in house.fields and self.rng.random() < 0.3 else "name"
        value = self.rng.choice(NAMES if what == "name" else WORDS)
        self.give(name, key, what, value)

    def _move(self, name: str) -> None:
        if self.world.houses[name].tree and (key := self._some(name)) is not None:
            self.give(name, key, "parent_id", self.rng.choice([None, *sorted(self.world.truth(name))]))

    def _swap(self, name: str) -> None:
        """Two records take each other's names, as if somebody had gone through the console with a third one."""
        first, second = self._some(name), self._some(name)
        truth = self.world.truth(name)
        if first and second and first != second:
            one, other = truth[first]["name"], truth[second]["name"]
            if self.give(name, first, "name", f"{one} (old)") and self.give(name, second, "name", one):
                self.give(name, first, "name", other)

    def give(self, name: str, key: str, what: str, value: Value) -> bool:
        """Give a field a value; whether the console took it."""
        world = self.world
        if world.truth(name)[key].get(what) == value or not world.houses[name].edit(
            world.town.entity, key, what, value
        ):
            return False
        if what != "description":
            world.judge.touched.add((name, key))
        self.edits.append(Edit(name, key, what, value, self._agreed(name, key, what)))
        self._tell("edit", f"{name} {key}: {what} = {value!r}")
        return True

    def _agreed(self, name: str, key: str, what: str) -> bool:
        mind, entity = self.world.engine.mind, self.world.town.entity
        one = mind.links[name, entity].get(key)
        refs = [ref for ref, bases in mind.bases.items() if what in bases]
        agreed = {
            ref.connection for ref in refs if one and mind.links[ref.connection, entity].get(ref.source_id) == one
        }
        return len(agreed) >= len(self.world.town.authority)

    def _create(self, name: str) -> None:
        house, world = self.world.houses[name], self.world
        parent = self.rng.choice([None, *sorted(world.truth(name))]) if house.tree else None
        called = self.rng.choice(NAMES)
        if any(one["name"] == called for one in world.truth(name).values()) and self.rng.random() < 0.9:
            return  # namesakes are rare
        key = house.create(world.town.entity, called, parent)
        if key is not None:
            world.judge.born.add((name, key))
            self._tell("create", f"{name} {key}: {called!r} below {parent}")

    def _same(self, _name: str) -> None:
        """Somebody makes by hand what the first vendor has, at another, just before we do."""
        first, *others = self.world.houses
        key, name = self._some(first), self.rng.choice(others)
        entity, house = self.world.town.entity, self.world.houses[name]
        told = self.world.truth(first)[key] if key else {"name": ""}
        called = told["name"] if told.get("parent_id") is None or not house.tree else ""
        if called and not any(one["name"] == called for one in self.world.truth(name).values()):
            made = house.create(entity, called, None)
            if made is not None:
                self.world.judge.born.add((name, made))
                self._tell("create", f"{name} {made}: {called!r}, as at {first}")

    def _delete(self, name: str) -> None:
        key = self._some(name) if len(self.world.truth(name)) > 2 else None  # an emptied account is a guard's own tale
        if key is not None and self.world.houses[name].delete(self.world.town.entity, key):
            self._tell("delete", f"{name} {key}")

    def _tell(self, deed: str, text: str) -> None:
        self.done[deed] += 1
        self.world.tell(f"  somebody: {deed} {text}")
