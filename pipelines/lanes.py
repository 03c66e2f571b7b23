"""Which changes of a plan may start: after what they need, and as many at a time as their connection allows."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mappings.model import Value
from mappings.plan import Change, canonical_json
from state.safety import Intent


@dataclass(slots=True)
class Lanes:
    """The changes that have not ended, by place in their plan. ``room``: connection → changes side by side."""

    changes: Sequence[Change]
    room: Mapping[str, int]
    under_way: Counter[str] = field(default_factory=Counter)
    _place: dict[str, int] = field(default_factory=dict)
    _missing: dict[str, int] = field(default_factory=dict)
    _needed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _free: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _ended: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._place = {change.id: place for place, change in enumerate(self.changes)}
        for place, change in enumerate(self.changes):
            self._missing[change.id] = len(change.depends_on)
            for need in change.depends_on:
                self._needed[need].append(change.id)
            if not change.depends_on:
                self._free[change.connection].append(place)

    def open(self) -> list[str]:
        """The connections that have a change to start and room for it."""
        return [name for name, free in self._free.items() if free and self.under_way[name] < self.room[name]]

    def first(self, connection: str, may: Callable[[Change], bool]) -> Change | None:
        """Take the first change of a connection that may start now; the others keep their places."""
        free, aside = self._free[connection], list[int]()
        found: Change | None = None
        while free and found is None:
            place = heapq.heappop(free)
            change = self.changes[place]
            if change.id in self._ended:
                continue
            if may(change):
                found = change
            else:
                aside.append(place)
        for place in aside:
            heapq.heappush(free, place)
        return found

    def put_back(self, change: Change) -> None:
        """Let a change start later."""
        heapq.heappush(self._free[change.connection], self._place[change.id])

    def ended(self, change: Change, *, done: bool) -> Iterator[tuple[Change, str]]:
        """Free what needed this change; where it was not done, what can now never start: (change, the need)."""
        rest = [change]
        for one in rest:
            self._ended.add(one.id)
            for key in self._needed.pop(one.id, ()):
                other = self.changes[self._place[key]]
                if key in self._ended:
                    continue
                if done:
                    self._missing[key] -= 1
                    if not self._missing[key]:
                        self.put_back(other)
                else:
                    rest.append(other)
                    yield other, one.id


def content(one: Change | Intent, payload: Mapping[str, Value]) -> object:
    """What a write would say; two that say the same cannot be told apart at the vendor."""
    return one.connection, one.entity, one.op, one.source_id, canonical_json(payload)
