"""Links with their history, and agreed bases."""

import json
from datetime import UTC, datetime

import pytest

from mappings.model import Entity, Link, Method, Ref
from state.bulk import FEW_PACKS
from state.codec import stamp
from state.crosswalk import CROSSWALK
from state.safety import Agreed, SafetyRecord, StateError
from tests.state.samples import LATER, NOON, link

TASK = Ref("hq", Entity.TASK, "9223372036854775808")


def test_links_come_back_as_they_were(record: SafetyRecord) -> None:
    kept = Link(Ref("hq", Entity.TASK, "99999999999999999999"), "t-1", Method.EXACT, 0.75, "销售部 ↔ Sales 🧡 e\u0301")
    record.add_links([kept], "r1", NOON)
    assert record.links() == [kept]


@pytest.mark.parametrize(
    ("second", "told"),
    [
        pytest.param(link("5", "d-2"), "live link already", id="a record with two canonical ids"),
        pytest.param(link("6", "d-1"), "same canonical record", id="two records of one connection"),
    ],
)
def test_a_second_live_link_is_refused_by_name_and_the_batch_with_it(
    record: SafetyRecord, second: Link, told: str
) -> None:
    record.add_links([link("5", "d-1")], "r1", NOON)
    with pytest.raises(StateError, match=f"{told}.*source_id='{second.ref.source_id}'"):
        record.add_links([link("1", "d-8"), second, link("9", "d-9")], "r1", LATER)
    assert record.links() == [link("5", "d-1")]


def test_the_same_source_id_in_another_connection_or_entity_is_another_record(record: SafetyRecord) -> None:
    team = Link(Ref("amm", Entity.TEAM, "5"), "d-1", Method.FOUNDED)
    record.add_links([link("5", "d-1"), link("5", "d-1", "hq"), team], "r1", NOON)
    assert len(record.links()) == 3


def test_an_unlinked_record_keeps_its_history_and_can_be_linked_anew(record: SafetyRecord) -> None:
    first, second = link("5", "d-1"), link("5", "d-2")
    record.add_links([first], "r1", NOON)
    record.unlink(first.ref, "r1", LATER)
    assert record.links() == []
    record.add_links([second], "r1", LATER)
    rows = [dict(zip(CROSSWALK, row, strict=True)) for row in record.crosswalk_rows()]
    told = [(row["canonical_id"], row["method"], row["linked_at"], row["unlinked_at"]) for row in rows]
    assert told == [("d-1", "journal", stamp(NOON), stamp(LATER)), ("d-2", "journal", stamp(LATER), None)]
    assert record.links() == [second]


def test_what_was_agreed_under_a_link_ends_with_it(record: SafetyRecord) -> None:
    ended, other = link("5", "d-1"), link("6", "d-2")
    record.add_links([ended, other], "r1", NOON)
    record.agree({ended.ref: {"name": "A"}, other.ref: {"name": "B"}}, "r1", NOON)
    record.unlink(ended.ref, "r1", LATER)
    assert record.bases() == {other.ref: {"name": "B"}}


def test_a_record_without_a_live_link_cannot_be_unlinked(record: SafetyRecord) -> None:
    with pytest.raises(StateError, match="no live link"):
        record.unlink(link("5", "d-1").ref, "r1", NOON)


def test_a_base_moves_field_by_field(record: SafetyRecord) -> None:
    due = datetime(2026, 3, 1, 8, 30, 15, 123456, tzinfo=UTC)
    record.agree({TASK: {"title": "买纸 🧡", "notes": None, "completed": False, "due_at": due}}, "r1", NOON)
    record.begin_run("r2", "sync", LATER)
    record.agree({TASK: {"completed": True}}, "r2", LATER)
    assert record.bases() == {TASK: {"title": "买纸 🧡", "notes": None, "completed": True, "due_at": due}}
    assert record.agreement(TASK)[:2] == [
        Agreed("completed", value=True, agreed_at=LATER, run_id="r2"),
        Agreed("due_at", due, NOON, "r1"),
    ]


def test_bases_can_be_had_for_one_connection(record: SafetyRecord) -> None:
    record.agree({TASK: {"title": "A"}, link("5", "d-1").ref: {"name": "B"}}, "r1", NOON)
    assert record.bases("hq") == {TASK: {"title": "A"}}
    assert record.bases("nobody") == {}


@pytest.mark.parametrize("value", [1.5, 2**63, -1, True, "", " ", "\u202eevil", "a\nb", "0", 'quo"te', "{}"])
def test_a_base_keeps_the_value_and_its_kind(record: SafetyRecord, value: str | float) -> None:
    record.agree({TASK: {"title": value}}, "r1", NOON)
    kept = record.bases()[TASK]["title"]
    assert (kept, type(kept)) == (value, type(value))


def test_half_a_character_is_refused_in_words(record: SafetyRecord) -> None:
    with pytest.raises(StateError, match="half a character"):
        record.agree({TASK: {"title": "\ud800"}}, "r1", NOON)
    assert record.bases() == {}


def test_a_hundred_thousand_links_go_in_and_come_back(record: SafetyRecord) -> None:
    links = [link(str(number), f"d-{number}") for number in range(100_000)]
    record.add_links(links, "r1", NOON)
    assert set(record.links()) == set(links)


def packed(*rows: tuple[str, str]) -> tuple[str, str, str, float, str]:
    return "hq", "task", "exact", 1.0, json.dumps([[source_id, one, ""] for source_id, one in rows])


def test_links_in_packs_are_refused_as_one_by_one_and_leave_every_check_in_place(record: SafetyRecord) -> None:
    packs = [packed((str(number), f"t-{number}")) for number in range(FEW_PACKS)]
    with pytest.raises(StateError, match="same canonical record"):
        record.add_packed([*packs, packed(("99", "t-1"))], "r1", NOON)
    assert record.links() == []
    record.add_packed(packs, "r1", NOON)
    assert len(record.links()) == FEW_PACKS
    with pytest.raises(StateError, match="same canonical record"):
        record.add_links([Link(Ref("hq", Entity.TASK, "99"), "t-1", Method.EXACT, 1.0, "")], "r1", NOON)
