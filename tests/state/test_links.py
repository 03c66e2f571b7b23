"""Links in the safety record and in their copy, by one and by the hundred thousand."""

from collections.abc import Iterator

import pytest

import state.links
from mappings.model import Entity, Link, Method, Ref
from state.errors import StateError
from state.links import add_links, refresh_links, settle_links
from state.safety import SafetyRecord
from state.unmatched import waiting
from tests.mappings.landed import AMM, HQ, UDESK, Ground, udesk
from tests.state.samples import NOON, link

NAMES = '销售部 ↔ "Sales" 🧡'


@pytest.fixture
def ground(record: SafetyRecord, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """Two departments; three links are very many."""
    monkeypatch.setattr(state.links, "MANY", 3)
    with Ground() as ground:
        ground.pull(UDESK, departments=udesk(("1", "Europe", None), ("2", "Support", "1")))
        refresh_links(ground.working, record)
        yield ground


def links(*source_ids: str) -> list[Link]:
    """Links of these records."""
    return [Link(Ref(UDESK, Entity.DEPARTMENT, key), f"d-{key}", Method.EXACT, 0.5, NAMES) for key in source_ids]


@pytest.mark.parametrize("keys", [("1", "2"), ("1", "2", "3", "4"), ("1", "2", "odd\0id")])
def test_very_many_links_are_kept_as_a_few_are(record: SafetyRecord, ground: Ground, keys: tuple[str, ...]) -> None:
    add_links(ground.working, record, links(*keys), "r1", NOON)
    settle_links(ground.working, record)
    assert sorted(record.links(), key=lambda one: one.ref) == sorted(links(*keys), key=lambda one: one.ref)
    copied = "SELECT source_id, canonical_id FROM live.links ORDER BY ALL"
    assert ground.rows(copied) == sorted((key, f"d-{key}") for key in keys)
    refresh_links(ground.working, record)
    assert ground.rows("SELECT count(*) FROM live.crosswalk") == [(len(keys),)]


def test_a_refusal_of_very_many_links_is_told_by_whoever_asks_next(record: SafetyRecord, ground: Ground) -> None:
    record.add_links([link("7", "d-2", UDESK)], "r1", NOON)
    refresh_links(ground.working, record)
    add_links(ground.working, record, links("1", "2", "3"), "r1", NOON)
    with pytest.raises(StateError, match="same canonical record"):
        settle_links(ground.working, record)
    refresh_links(ground.working, record)
    assert ground.rows("SELECT source_id FROM live.links") == [("7",)]


def test_what_waits_for_a_link_is_told_by_entity_and_anew_once_it_is_linked(
    record: SafetyRecord, ground: Ground
) -> None:
    ground.pull(HQ, tasks={"9": {"Name": "Call"}})
    assert waiting(ground.working)[Entity.DEPARTMENT] == [UDESK]
    assert waiting(ground.working)[Entity.TASK] == [HQ]
    add_links(ground.working, record, links("1", "2"), "r1", NOON)
    assert waiting(ground.working)[Entity.DEPARTMENT] == []
    assert waiting(ground.working)[Entity.TASK] == [HQ]
    ground.pull(AMM, departments={"7": {"name": "Europe", "description": None}})
    assert waiting(ground.working)[Entity.DEPARTMENT] == [AMM]
