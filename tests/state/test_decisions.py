"""What people decided: kept for good, carried out as a whole or not at all."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mappings.model import Entity, Hold, Pin, Ref
from state.decisions import Decision, Effects, Verdict, proposal_id
from state.errors import StateError
from state.safety import SafetyRecord
from tests.state.samples import LATER, NOON, link, opened

D = Entity.DEPARTMENT
REF = Ref("amm", D, "7")
DECISION = Decision(
    verdict=Verdict.ACCEPT,
    subject=proposal_id(REF),
    entity=D,
    decided_by="Łucja 王",
    decided_at=LATER,
    run_id="r1",
    connection="amm",
    source_id="7",
    canonical_id="d-1",
    told={"candidates": ["d-1"], "score": 0.5, "at": NOON},
    note="asked on the phone 🧡",
)
PIN = Pin(D, "d-1", "name", "客服")


def test_a_decision_comes_back_as_it_was_made_and_the_generation_grows(record: SafetyRecord, tmp_path: Path) -> None:
    record.decide(DECISION, Effects(links=(link("7", "d-1"),)))
    assert record.generation == 1
    with opened(tmp_path) as again:
        assert again.decisions() == [DECISION]
        assert [one.ref for one in again.links()] == [REF]


def test_of_a_decision_that_cannot_be_carried_out_nothing_stays(record: SafetyRecord) -> None:
    record.add_links([link("8", "d-1"), link("9", "d-9")], "r1", NOON)
    effects = Effects(
        unlink=(Ref("amm", D, "9"),), links=(link("7", "d-1"),), apart=((REF, "d-2"),), pins=((PIN, None),)
    )
    with pytest.raises(StateError, match="unlink that one first"):
        record.decide(DECISION, effects)
    with pytest.raises(StateError, match="no live link"):
        record.decide(DECISION, replace(effects, links=(), unlink=(Ref("amm", D, "none"),)))
    assert (record.decisions(), record.cannot_links(), record.pins(LATER), record.generation) == (
        [],
        frozenset(),
        [],
        0,
    )
    assert {one.ref.source_id for one in record.links()} == {"8", "9"}


def test_a_link_ends_and_another_takes_its_place_in_one_decision(record: SafetyRecord) -> None:
    record.add_links([link("8", "d-1")], "r1", NOON)
    record.agree({Ref("amm", D, "8"): {"name": "old"}}, "r1", NOON)
    effects = Effects(unlink=(Ref("amm", D, "8"),), links=(link("7", "d-1"),), agreed={REF: {"name": "new"}})
    record.decide(DECISION, effects)
    assert record.linked_ids("amm", D) == {"7": "d-1"}
    assert record.bases() == {REF: {"name": "new"}}
    assert [(one.link.ref.source_id, bool(one.ended_at)) for one in record.links_of(D, "d-1")] == [
        ("8", True),
        ("7", False),
    ]


def test_a_pair_is_kept_apart_until_it_is_lifted(record: SafetyRecord) -> None:
    pairs = ((REF, "d-1"), (REF, "d-2"))
    record.decide(DECISION, Effects(apart=pairs))
    record.decide(DECISION, Effects(apart=pairs[:1]))
    assert record.cannot_links() == set(pairs)
    record.decide(DECISION, Effects(lifted=(pairs[0], (REF, "never kept apart"))))
    assert record.cannot_links() == {pairs[1]}


def test_a_pin_stands_until_its_date_or_until_another_one_or_nobody_takes_its_place(record: SafetyRecord) -> None:
    day = LATER + timedelta(days=1)
    record.decide(replace(DECISION, verdict=Verdict.PIN), Effects(pins=((PIN, day),)))
    assert (record.pins(LATER), record.pins(day)) == ([PIN], [])
    resolved = replace(PIN, value=None, hold=Hold.RESOLVED)
    record.decide(DECISION, Effects(pins=((resolved, None),)))
    assert record.pins(day) == [resolved]
    [one] = record.pinned(LATER)
    assert (one.until, one.decision) == (None, DECISION)
    record.end_pin(D, "d-1", "name", day)
    record.end_pin(D, "d-1", "name", day)
    assert record.pins(LATER) == []
    record.decide(DECISION, Effects(pins=((PIN, None),)))
    record.decide(DECISION, Effects(unpinned=((D, "d-1", "name"),)))
    assert record.pins(LATER) == []
