"""Matching with memory: aliases, what people parted, what was made again, and names that are no proof."""

import uuid

import pytest

from mappings.aliases import Aliases
from mappings.known import NAMESPACE, Known, canonical_id
from mappings.match import DOUBT, match
from mappings.model import Entity, Method, Question, Ref, Shadow
from tests.mappings.samples import AMM, DEPARTMENT, UDESK, shadow
from tests.mappings.test_match import EUROPE, HQ, branch, links, matched, waiting

REF = Ref(AMM, DEPARTMENT, "7")
SUPPORT = canonical_id(EUROPE[1].ref)
BOTH = {UDESK, AMM}


def test_an_alias_is_an_exact_match_that_says_so() -> None:
    aliases = Aliases([("工程部", "Engineering"), ("欧洲", "Europe")])
    tree = (branch("1", "Europe"), branch("2", "Engineering", "1"))
    found = matched(*tree, shadow("7", "欧洲 / 工程部"), aliases=aliases)
    [link] = [one for one in found.links if one.ref == REF]
    assert (link.canonical_id, link.method) == (canonical_id(tree[1].ref), Method.EXACT)
    assert link.evidence == "same name as Europe / Engineering, by the alias 欧洲 = Europe, 工程部 = Engineering"


def test_a_pair_kept_apart_is_neither_linked_nor_asked_about_and_founds_a_record() -> None:
    found = matched(*EUROPE, shadow("7", "Support"), apart=frozenset({(REF, SUPPORT)}))
    assert links(found)[AMM, "7"] == f"{AMM}:7"
    assert found.disputes == []


def test_a_record_parted_from_the_one_that_it_founded_founds_another_with_the_next_id() -> None:
    own, second = canonical_id(REF), canonical_id(REF, 2)
    assert second == str(uuid.uuid5(NAMESPACE, "department:amm:7#2"))
    for known, apart, told in (
        ((), {own}, second),
        ((Known(own, ("Support",), None, placed=False, linked_in=frozenset({HQ})),), {own}, second),
        (
            (Known(own, ("Support",), None, placed=False, linked_in=frozenset({HQ})),),
            {own, second},
            canonical_id(REF, 3),
        ),
    ):
        found = matched(shadow("7", "Support"), known=known, apart=frozenset((REF, one) for one in apart))
        assert [(one.canonical_id, one.method) for one in found.links] == [(told, Method.FOUNDED)]


@pytest.mark.parametrize("name", ["Support", "Suport"])
def test_a_record_made_again_is_proposed_for_the_one_whose_record_is_gone(name: str) -> None:
    known = Known("k-1", ("Support",), None, placed=True, linked_in=frozenset(BOTH), gone_in=frozenset({AMM}))
    found = matched(shadow("8", name), known=[known], linked={REF: "k-1"})
    assert found.links == []
    [asked] = found.disputes
    assert (asked.question, asked.candidates) == (Question.RECREATED, ("k-1",))
    assert "re-created?" in asked.reason


def test_a_record_gone_here_and_a_living_namesake_are_both_named_and_neither_is_linked() -> None:
    gone = Known("k-1", ("A", "Support"), "k-a", placed=True, linked_in=frozenset(BOTH), gone_in=frozenset({AMM}))
    free = Known("k-2", ("B", "Support"), "k-b", placed=True, linked_in=frozenset({UDESK}))
    taken = Known("k-3", ("C", "Support"), "k-c", placed=True, linked_in=frozenset(BOTH))
    [asked] = matched(shadow("8", "Support"), known=[gone, free, taken]).disputes
    assert (asked.question, set(asked.candidates)) == (Question.RECREATED, {"k-1", "k-2"})


def test_a_task_with_the_title_of_a_gone_one_is_another_task() -> None:
    ref = Ref(HQ, Entity.TASK, "2")
    known = Known("k-1", ("Weekly report",), None, placed=False, linked_in=frozenset({HQ}), gone_in=frozenset({HQ}))
    [link] = match([known], {HQ: [Shadow(ref, {"title": "Weekly report"})]}, {}, frozenset()).links
    assert link.method == Method.FOUNDED


def test_a_flat_name_that_a_record_which_waits_carries_too_is_not_decided_without_it() -> None:
    twins = (branch("11", "Europe", None, "udesk_b"), branch("12", "EUROPE", None, "udesk_b"))
    nights = (branch("3", "Night"), branch("15", "Night", None, "udesk_b"), branch("13", "Night", "11", "udesk_b"))
    found = matched(*EUROPE, *twins, *nights, shadow("7", "Night"))
    assert links(found)["udesk_b", "15"] == f"{UDESK}:3"
    assert waiting(found, "7", AMM).reason == DOUBT


def test_a_flat_name_is_no_proof_where_another_free_record_is_called_nearly_so() -> None:
    tree = (*EUROPE, branch("3", "Healthcare IT"), branch("4", "Healthcare Information Technology", "1"))
    found = matched(*tree, shadow("7", "Healthcare IT"))
    assert (waiting(found, "7", AMM).question, waiting(found, "7", AMM).reason) == (Question.TIE, DOUBT)
    assert set(waiting(found, "7", AMM).candidates) == {canonical_id(one.ref) for one in tree[2:]}
    both = matched(*tree, shadow("7", "Healthcare IT"), shadow("8", "Healthcare Information Technology"))
    assert (links(both)[AMM, "7"], links(both)[AMM, "8"]) == (f"{UDESK}:3", f"{UDESK}:4")
