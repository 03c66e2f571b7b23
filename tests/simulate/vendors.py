"""The vendors of the world: their truth, and people who edit it without telling anybody."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from mappings.model import Entity, Value
from sources.nexudus.sandbox import NexudusTwin
from sources.scalepad.sandbox import CLIENT_ID, ScalePadTwin
from sources.twin import FaultyTwin
from sources.udesk.sandbox import UdeskTwin
from tests.simulate.clock import SimClock

BUSINESS_ID = 123
EMAIL = "canary-mail@example.test"

Record = Mapping[str, Any]
Truth = dict[str, Record]
"""Id → what the vendor holds, canonical fields first."""


class House(Protocol):
    """One vendor's account as people see it. Edits keep to the vendor's own rules; False: its console refused."""

    tree: bool
    fields: tuple[str, ...]

    @property
    def twin(self) -> FaultyTwin:
        """The sandbox."""

    def truth(self, entity: Entity) -> Truth:
        """Every record that is there."""

    def create(self, entity: Entity, name: str, parent: str | None) -> str | None:
        """Make a record; None: refused."""

    def edit(self, entity: Entity, key: str, field: str, value: Value) -> bool:
        """Give a field another value."""

    def delete(self, entity: Entity, key: str) -> bool:
        """Take a record away."""


def _named(truth: Truth, name: str, but: str | None) -> Iterator[Record]:
    return (one for key, one in truth.items() if key != but and one["name"].strip().casefold() == name.casefold())


@dataclass
class Udesk:
    """A Udesk tenant."""

    twin: UdeskTwin
    scope: str
    tree: bool = True
    fields: tuple[str, ...] = ("name", "parent_id")

    def truth(self, entity: Entity) -> Truth:  # noqa: ARG002 - it holds one kind
        return {
            str(key): {"name": name, "parent_id": str(parent) if parent else None}
            for key, (name, parent) in self.twin._departments.items()
        }

    def _free(self, name: str, parent: str | None, but: str | None = None) -> bool:
        return not any(
            self.scope == "company" or one["parent_id"] == parent
            for one in _named(self.truth(Entity.DEPARTMENT), name, but)
        )

    def create(self, entity: Entity, name: str, parent: str | None) -> str | None:  # noqa: ARG002 - as above
        if not self._free(name, parent) or (parent and int(parent) not in self.twin._departments):
            return None
        return str(self.twin.add_department(name, int(parent or 0)))

    def edit(self, entity: Entity, key: str, field: str, value: Value) -> bool:
        here = self.truth(entity).get(key)
        if here is None:
            return False
        new = {**here, field: value}
        if not self._free(new["name"], new["parent_id"], key):
            return False
        if field == "parent_id" and (value is not None and key in self._above(str(value))):
            return False
        self.twin._departments[int(key)] = (new["name"], int(new["parent_id"] or 0))
        self.twin._once_named[new["name"]].add(int(key))
        return True

    def _above(self, key: str) -> list[str]:
        found = [key]
        truth = self.truth(Entity.DEPARTMENT)
        while (above := truth.get(found[-1], {"parent_id": None})["parent_id"]) is not None:
            found.append(above)
        return found

    def delete(self, entity: Entity, key: str) -> bool:
        truth = self.truth(entity)
        if key not in truth or any(one["parent_id"] == key for one in truth.values()):
            return False
        del self.twin._departments[int(key)]
        return True


@dataclass
class ScalePad:
    """A client organisation at ScalePad."""

    twin: ScalePadTwin
    tree: bool = False
    fields: tuple[str, ...] = ("name", "description")

    def truth(self, entity: Entity) -> Truth:  # noqa: ARG002 - it holds one kind
        return {
            key: {"name": one.name, "description": one.description}
            for key, one in self.twin._departments.items()
            if not one.deleted
        }

    def create(self, entity: Entity, name: str, parent: str | None) -> str | None:  # noqa: ARG002 - it is flat
        return None if any(_named(self.truth(entity), name, None)) else self.twin.add_department(name)

    def edit(self, entity: Entity, key: str, field: str, value: Value) -> bool:
        truth = self.truth(entity)
        if key not in truth or (field == "name" and any(_named(truth, str(value), key))):
            return False
        if field == "name":
            self.twin.rename(key, str(value))
        else:
            self.twin._departments[key].description = None if value is None else str(value)
            self.twin._departments[key].updated_at = self.twin._stamp()
        return True

    def delete(self, entity: Entity, key: str) -> bool:
        if key not in self.truth(entity):
            return False
        self.twin._departments[key].deleted = True
        return True


@dataclass
class Nexudus:
    """A Nexudus location."""

    twin: NexudusTwin
    tree: bool = False
    fields: tuple[str, ...] = ("name", "description")

    def truth(self, entity: Entity) -> Truth:
        """With what a PUT could clear: managers, members, and whatever else is writable."""
        table = self.twin._store._tables["HelpDeskDepartment" if entity == Entity.DEPARTMENT else "Team"]
        told = ("Managers", "TaskListId", "Active") if entity == Entity.DEPARTMENT else ("TeamMembers", "ProfileTags")
        return {
            str(key): {
                "name": one["Name"],
                "description": None if one["Description"] in (None, "(no description)") else one["Description"],
                **{name: tuple(one[name]) if isinstance(one[name], list) else one[name] for name in told},
            }
            for key, one in table.items()
        }

    def create(self, entity: Entity, name: str, parent: str | None) -> str | None:  # noqa: ARG002 - it is flat
        if entity == Entity.TEAM:
            return str(self.twin.add_team(Name=name, Description="made by hand", TeamMembers=[5], ProfileTags="x"))
        return str(self.twin.add_department(Name=name, Description="made by hand", Managers=[7, 8], TaskListId=3))

    def edit(self, entity: Entity, key: str, field: str, value: Value) -> bool:
        kind = str(entity)
        if int(key) not in self.twin._store._tables["HelpDeskDepartment" if entity == Entity.DEPARTMENT else "Team"]:
            return False
        empty = None if entity == Entity.TEAM else "(no description)"
        self.twin.edit(
            kind, int(key), **{"Name" if field == "name" else "Description": empty if value is None else value}
        )
        return True

    def delete(self, entity: Entity, key: str) -> bool:
        if key not in self.truth(entity):
            return False
        self.twin.remove(str(entity), int(key))
        return True


def build(vendor: str, name: str, clock: SimClock, scope: str) -> House:
    """An empty account of a vendor; its credentials are canaries, looked for in everything that is written."""
    if vendor == "udesk":
        mode: Any = scope
        return Udesk(UdeskTwin(email=EMAIL, token=f"CANARY-{name}-7731", now=clock.now, name_scope=mode), scope)
    if vendor == "scalepad":
        return ScalePad(ScalePadTwin(token=f"CANARY-{name}-7731", client_id=CLIENT_ID, now=clock.now))
    return Nexudus(
        NexudusTwin(business_id=BUSINESS_ID, token=f"CANARY-{name}-7731", now=clock.now, checks_references=False)
    )


def section(vendor: str, scope: str) -> dict[str, Any]:
    """The account as the configuration has it."""
    base: dict[str, Any] = {"vendor": vendor, "base_url": "http://127.0.0.1:9", "pace": {"concurrency": 1}}
    own: dict[str, dict[str, Any]] = {
        "udesk": {"name_scope": scope},
        "scalepad": {"client_id": CLIENT_ID},
        "nexudus": {"business_id": BUSINESS_ID},
    }
    return {**base, **own[vendor]}
