"""The three-way merge in plain Python, by the rules of mappings/sql: candidates, standpoints, merged, agreeing.

DuckDB takes 200 ms a run, which a simulation of tens of thousands of worlds does not have. test_mind.py compares
the two.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mappings.model import Value

FAR = 1000
MOVES = ("moved", "conflict authority", "conflict newest")


@dataclass(frozen=True, slots=True)
class Voice:
    """A connection's vote on an entity: its rank, whether it is an authority, what happens to conflicts, its fields."""

    rank: int
    authority: bool
    rule: str
    carries: frozenset[str]


@dataclass(frozen=True, slots=True)
class Said:
    """What one linked connection says of one field, as ``Standpoint`` of state/merge.py has it."""

    connection: str
    source_id: str
    voice: Voice
    raw: Value
    value: Value
    base: Value
    agreed: Value
    based: bool
    lives: bool
    updated: int  # microseconds
    restored: bool
    since: tuple[int, int]  # 0: its base was agreed on, -1: our write, -2: and its own word; the version it moved in

    @property
    def unknown(self) -> bool:
        """It refers to a record that no link knows."""
        return self.raw is not None and self.value is None

    @property
    def moved(self) -> bool:
        """It is an authority and says another thing than it agreed on."""
        return self._own and (self.raw != self.base or self.since[0] == -2)

    @property
    def rests(self) -> bool:
        """It is an authority and still says what it agreed on."""
        return self._own and not self.moved

    @property
    def _own(self) -> bool:
        return self.voice.authority and self.lives and self.based and not self.unknown and not self.restored


@dataclass(frozen=True, slots=True)
class Taken:
    """What the merge took for a field, whose it is, and by which rule; ``conflict``: what waits for a person."""

    value: Value
    connection: str
    source_id: str
    rule: str
    conflict: Mapping[str, Value] | None = None


def merged(name: str, field: Iterable[Said], before: Taken | None) -> Taken:
    """The surviving value of one field; ``before``: what survived last time."""
    voices = sorted(field, key=lambda one: one.voice.rank)
    movers = [one for one in voices if one.moved]
    words = {_word(one.value) for one in movers}
    if not words:
        return _unmoved(voices, before, place=name == "parent_id")
    if len(words) == 1:
        return _taken(movers[0], "moved")
    rule = movers[0].voice.rule
    if rule == "authority":
        return _taken(movers[0], "conflict authority")
    if rule == "newest":
        return _taken(max(movers, key=lambda one: one.updated * FAR - one.voice.rank), "conflict newest")
    said = {one.connection: one.value for one in movers}
    if before is not None:
        return Taken(before.value, before.connection, before.source_id, "held", said)
    return Taken(movers[0].agreed, movers[0].connection, movers[0].source_id, "held", said)


def _unmoved(voices: list[Said], before: Taken | None, *, place: bool) -> Taken:
    resting = [one for one in voices if one.rests]
    if len({_word(one.value) for one in resting}) > 1:  # one was written by us, and who said so took it back
        last = max(resting, key=_trust)
        return _taken(last, f"authority {last.voice.rank}")
    standing = min(voices, key=lambda one: _standing(one, place=place))
    if before is not None and before.rule in MOVES:
        stays = [
            one for one in voices if one.connection == before.connection and one.lives and one.value == before.value
        ]
        if stays and stays[0].value == standing.value:
            return _taken(stays[0], before.rule)
    return _taken(standing, f"authority {standing.voice.rank}" if standing.voice.authority else "no authority knows it")


def _trust(one: Said) -> tuple[int, int]:
    agreed, version = one.since
    return agreed, version if agreed == 0 else -version


def _standing(one: Said, *, place: bool) -> int:
    told = one.voice.authority and (one.based or place)  # the top is a place
    empty = one.value is None and not told
    return (4 * FAR if one.unknown else 0) + (2 * FAR if empty else 0) + (0 if one.lives else FAR) + one.voice.rank


def _taken(one: Said, rule: str) -> Taken:
    return Taken(one.value, one.connection, one.source_id, rule)


def _word(value: Value) -> str:
    return "\0" if value is None else unicodedata.normalize("NFC", str(value).strip(" "))


def holds(one: Said, told: Value, wanted: Value) -> bool:
    """Whether a connection says what the golden record says, in the connection's own terms."""
    if one.unknown or one.restored:
        return False
    if isinstance(told, str) and isinstance(wanted, str):
        outer = " \t\r\n\u00a0\u3000"
        return unicodedata.normalize("NFC", told.strip(outer)) == unicodedata.normalize("NFC", wanted.strip(outer))
    return told == wanted
