"""A name that is much like another in a second tree: it waits, what is below it follows, nothing is made beside it."""

import pytest

from tests.pipelines.keeping import kept
from tests.pipelines.reviewing import canonical, decide, linked, refused, waiting
from tests.pipelines.rig import DEPARTMENTS, LIMITS, Office

TWO = DEPARTMENTS.replace('["amm", "hq"]', '["second"]') + LIMITS


@pytest.fixture
@kept
def near(office: Office) -> Office:
    """Europe / Customer Support with two below it at Udesk; the same in a second tenant, misspelt."""
    second = office.add_udesk(TWO)
    office.tree(("Europe",), *(("Europe", "Customer Support", *rest) for rest in ((), ("Tier 1",), ("Tier 2",))))
    europe = second.add_department("Europe", 0)
    support = second.add_department("Costumer Suport", europe)
    for name in ("Tier 1", "Tier 2"):
        second.add_department(name, support)
    assert office.run("sync", "--yes").code == 3
    return office


def test_what_is_much_like_it_waits_with_its_evidence_and_nothing_is_made_beside_it(near: Office) -> None:
    found = waiting(near)["proposals"]
    first, *below = found
    assert (first["question"], first["path"], first["follows"]) == ("near", "Europe / Costumer Suport", 2)
    assert (first["candidates"][0]["name"], first["children"]) == ("Europe / Customer Support", ["Tier 1", "Tier 2"])
    assert 0 < first["score"] <= 1
    assert first["evidence"]
    assert {one["waits_for"] for one in below} == {first["id"]}
    listed = " ".join(near.run("review").out.split())
    assert "2 below wait for it" in listed
    assert f"decide {first['id'][:8]} first" in listed
    assert len(near.twins["second"].departments) == 4  # type: ignore[attr-defined] # it is a Udesk


def test_what_follows_is_decided_with_the_record_above_it_and_not_before(near: Office) -> None:
    first, below, _ = waiting(near)["proposals"]
    for verdict in ("accept", "reject"):
        told = refused(near, verdict, below["id"])
        assert f"first decide {first['id'][:8]}" in told
        assert "Costumer Suport" in told
    ran = near.run("review", "accept", first["id"])
    assert ran.code == 0, ran.text
    assert "2 more need no decision any more; no match and no conflict waits any more." in ran.out
    support = canonical(near, "Europe / Customer Support")
    assert linked(near, "second")[first["source_id"]] == (support, "person")
    assert waiting(near)["proposals"] == []
    near.sync()
    names = sorted(name for name, _ in near.twins["second"].departments.values())  # type: ignore[attr-defined] # likewise
    assert names == ["Customer Support", "Europe", "Tier 1", "Tier 2"]


def test_a_rejected_likeness_is_made_beside_it_and_not_asked_again(near: Office) -> None:
    first = waiting(near)["proposals"][0]
    told = decide(near, "reject", first["id"])
    assert told["waiting"]["proposals"] == len(waiting(near)["proposals"])
    assert first["id"] not in {one["id"] for one in waiting(near)["proposals"]}
    assert near.run("pull", "--full").code == 0
    assert first["id"] not in {one["id"] for one in waiting(near)["proposals"]}
    assert linked(near, "second")[first["source_id"]][1] == "founded"
