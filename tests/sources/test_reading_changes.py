"""A read of changes that turns out to prove nothing becomes a full one, with all its walks and nothing to lean on."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from mappings.receipt import Mode
from sources.errors import Incomplete, Untrusted, VendorError
from sources.nexudus.settings import TEAMS
from sources.reading import WALKS, Read, Slip, read
from sources.vendor import Delta, Page, Resource, Row
from tests.clock import FakeClock

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
Walk = VendorError | Sequence[Page]


class Scripted:
    """A client whose walks are told beforehand; ``asked`` holds whether each was for changes."""

    def __init__(self, *walks: Walk) -> None:
        self._walks = list(walks)
        self.wire: Any = SimpleNamespace(calls=0, retries=0, clock=FakeClock())
        self.asked: list[bool] = []

    def walk(self, _resource: Resource, delta: Delta | None = None) -> Iterator[Page]:
        self.asked.append(delta is not None)
        walk = self._walks.pop(0)
        if isinstance(walk, VendorError):
            raise walk
        yield from walk


def pages(*ids: str, total: int | None = None, at: datetime | None = NOW, falling: bool = False) -> list[Page]:
    """One page for each text, its letters the records' ids."""
    ends = [None] * (len(ids) - 1) + ["the end"]
    rows = [[Row.of(key, {}) for key in text] for text in ids]
    return [Page(one, total, end, falling, at) for one, end in zip(rows, ends, strict=True)]


def changes(*walks: Walk, expected: str = "", since: timedelta = timedelta(hours=1)) -> tuple[Read, list[bool]]:
    """A read of changes by these walks, in which some records must come."""
    client: Any = Scripted(*walks)
    delta = Delta(NOW - since, NOW - since, lambda _ids: {}, frozenset(expected))
    found = read(client, TEAMS, Slip("r", "run", "hq"), delta=delta)
    return found, client.asked


def test_a_full_read_in_the_place_of_changes_has_all_its_walks() -> None:
    shifted: list[Walk] = [Incomplete("rows shifted")] * (WALKS - 1)
    found, asked = changes(*shifted, Untrusted("ignored"), *shifted, pages("ab"))
    assert (found.receipt.complete, found.receipt.mode, found.receipt.walks) == (True, Mode.FULL, 2 * WALKS)
    assert asked == [True] * WALKS + [False] * WALKS
    assert (found.receipt.since, sorted(found.ids)) == (None, ["a", "b"])


def test_changes_that_show_the_same_records_are_no_second_walk_of_a_full_read() -> None:
    unproven = pages("a", "b")
    found, asked = changes(pages("ab"), unproven, unproven, expected="c")
    assert (found.receipt.complete, asked) == (True, [True, False, False])
    found, _ = changes(pages("ab"), unproven, pages("a", "c"), pages("b", "c"), expected="c")
    assert found.receipt.complete is False


def test_changes_of_the_time_to_come_are_not_believed_for_a_clock_that_was_set_back() -> None:
    found, asked = changes(pages(""), pages("a"), since=-timedelta(minutes=1))
    assert (found.receipt.mode, found.receipt.watermark, asked) == (Mode.FULL, NOW, [True, False])
    found, asked = changes(pages(""), since=timedelta())
    assert (found.receipt.mode, found.receipt.since, asked) == (Mode.INCREMENTAL, NOW, [True])


@pytest.mark.parametrize("at", [NOW, None])
def test_a_read_goes_on_from_the_time_of_its_first_answer_and_from_none_when_it_fails(at: datetime | None) -> None:
    late = pages("c", at=NOW + timedelta(hours=1))
    found, _ = changes([*pages("ab", at=at)[:1], *late], [*pages("ab", at=at)[:1], *late])
    assert found.receipt.watermark == at
    found, _ = changes(*[Incomplete("no")] * WALKS)
    assert (found.receipt.watermark, found.receipt.complete, found.pages) == (None, False, ())
