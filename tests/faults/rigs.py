"""Every vendor over its sandbox, with a way to change the sandbox's records between two pages."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mappings.model import Entity
from sources.reading import Read
from sources.twin import FaultyTwin, TwinReply, TwinRequest
from tests.contract_ground import Ground
from tests.sources.test_contract_nexudus import TestNexudus as Nexudus
from tests.sources.test_contract_scalepad import TestScalePad as ScalePad
from tests.sources.test_contract_udesk import TestUdesk as Udesk

D = Entity.DEPARTMENT
GROUNDS: Mapping[str, Callable[..., Ground]] = {
    "udesk": Udesk().make,
    "scalepad": ScalePad().make,
    "nexudus": Nexudus().make,
}
LIST = {"udesk": "departments", "scalepad": "data", "nexudus": "Records"}
ID = {"udesk": "id", "scalepad": "id", "nexudus": "Id"}
NAME = {"udesk": "name", "scalepad": "name", "nexudus": "Name"}
Action = tuple[str, int]
"""What somebody else does: (insert, delete or rename; which of the records that are there)."""


@dataclass
class World:
    """A vendor whose departments others change. ``always``: the ids that were there all through the last walk."""

    ground: Ground
    delete: Callable[[str], object]
    script: list[list[Action]] = field(default_factory=list)
    always: set[str] = field(default_factory=set)
    made: int = 0

    def __post_init__(self) -> None:
        answer = self.ground.twin.answer

        def disturbed(request: TwinRequest) -> TwinReply:
            if self.begins(request):
                self.always = set(self.ground.held(D))
            reply = answer(request)
            for action in self.script.pop(0) if self.script else ():
                self.act(action)
            self.always &= set(self.ground.held(D))
            return reply

        self.ground.twin.answer = disturbed  # type: ignore[method-assign] # the sandbox, with others at work in it

    @staticmethod
    def begins(request: TwinRequest) -> bool:
        """Whether this is the first request of a walk."""
        one = request.param("id") or request.path.rpartition("/")[2].isdecimal()
        return not one and not request.param("cursor") and request.param("page", "1") == "1"

    def act(self, action: Action) -> None:
        """Do it."""
        kind, which = action
        held = sorted(self.ground.held(D))
        if kind == "insert":
            self.made += 1
            self.ground.seed(D, 1)
        elif held and kind == "delete":
            self.delete(held[which % len(held)])
        elif held:
            self.made += 1
            self.ground.rename(D, held[which % len(held)], f"{'AZ'[which % 2]} renamed {self.made}")

    def read(self, page_size: int) -> Read:
        """A full read."""
        return self.ground.read(D, page_size)


def world(vendor: str, **switches: Any) -> World:
    """An empty world of one vendor."""
    ground = GROUNDS[vendor](**switches)
    twin: Any = ground.twin
    deletes: dict[str, Callable[[str], object]] = {
        "udesk": lambda key: twin._departments.pop(int(key)),
        "scalepad": lambda key: setattr(twin._departments[key], "deleted", True),
        "nexudus": lambda key: twin.remove("department", int(key)),
    }
    return World(ground, deletes[vendor])


def disturbed(vendor: str, count: int, script: list[list[Action]], **switches: Any) -> World:
    """A world of so many departments, and what others do after each of its answers."""
    made = world(vendor, **switches)
    made.ground.seed(D, count)
    made.script = [list(actions) for actions in script]
    return made


def planted(twin: FaultyTwin, *bodies: Any, status: int = 200) -> None:
    """Answer these in order: bytes as they are, anything else as JSON."""
    for body in bodies:
        reply = TwinReply(status, body) if isinstance(body, bytes) else TwinReply.of(status, body)
        twin.faults.append(lambda _request, _execute, reply=reply: reply)  # type: ignore[misc] # mypy knows no defaults


def mend(ground: Ground, change: Callable[[bytes], bytes]) -> None:
    """Let every answer of the sandbox pass through ``change``."""
    answer = ground.twin.answer

    def changed(request: TwinRequest) -> TwinReply:
        reply = answer(request)
        return replace(reply, body=change(reply.body))

    ground.twin.answer = changed  # type: ignore[method-assign] # the sandbox, with other words


def lists(ground: Ground, change: Callable[[dict[str, Any], list[Any]], None]) -> None:
    """Let ``change`` work on every list's envelope and records."""
    key = LIST[ground.vendor.name]

    def words(body: bytes) -> bytes:
        envelope = json.loads(body)
        if isinstance(envelope, dict) and key in envelope:
            change(envelope, envelope[key])
        elif isinstance(envelope, list):
            change({}, envelope)
        return json.dumps(envelope).encode()

    mend(ground, words)
