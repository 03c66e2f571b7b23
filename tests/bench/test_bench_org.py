"""The organisations of the benchmark are what they are said to be, and what is matched is scored as it should be.

Nothing here is about time.
"""

import os
from argparse import Namespace
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from mappings.aliases import Aliases
from mappings.match import Matches, match
from mappings.model import Dispute, Entity, Link, Method, Ref
from mappings.naming import SEPARATOR, fold
from tests.bench.docs import replaced
from tests.bench.org import options
from tests.bench.org_quality import Matched, Trial, told
from tests.bench.org_report import Found, Target, console, targets
from tests.bench.org_score import Score, best, linked, mutual, offered, pairs, proposed
from tests.bench.org_speed import CHANGED, FIRST, UNCHANGED, Speed, Step
from tests.bench.org_steps import land, plan
from tests.bench.orgs import FLAT, TREES, Org, make
from tests.bench.orgs_noise import Rates, blanks, case, noisy, typo, wide
from tests.bench.orgs_words import WORDS

QUIET = Rates(*[0.0] * 8)


@pytest.fixture(scope="module")
def org() -> Org:
    return make(1, 300)


def ref(connection: str, source_id: str) -> Ref:
    return Ref(connection, Entity.DEPARTMENT, source_id)


A1, A2, B1, B2, C1 = ref("a", "1"), ref("a", "2"), ref("b", "1"), ref("b", "2"), ref("c", "1")


def test_a_seed_gives_the_same_organisation_again_and_another_seed_another(org: Org) -> None:
    assert make(1, 300) == org
    assert make(2, 300).seen != org.seen


def test_every_system_sees_as_many_departments_as_were_asked_for_and_none_of_them_all(org: Org) -> None:
    there = set(org.labels.values())
    for connection, shadows in org.seen.items():
        known = {org.labels[shadow.ref] for shadow in shadows}
        assert abs(len(shadows) - 300) <= 5
        assert len(known) == len(shadows)
        assert known < there, connection


def test_no_two_departments_of_a_system_stand_at_one_place_by_one_name(org: Org) -> None:
    for connection, shadows in org.seen.items():
        places = Counter((shadow.values.get("parent_id"), fold(shadow.name)) for shadow in shadows)
        assert max(places.values()) == 1, connection
        assert connection in TREES or not any(shadow.values.get("parent_id") for shadow in shadows)


def test_every_way_up_a_tree_ends_at_the_top(org: Org) -> None:
    for connection in TREES:
        above = {shadow.ref.source_id: shadow.values["parent_id"] for shadow in org.seen[connection]}
        for start in above:
            here, steps = above[start], 0
            while here is not None:
                here, steps = above[str(here)], steps + 1
                assert steps < 20


def test_namesakes_stand_on_several_levels_and_are_told_apart_in_the_flat_system() -> None:
    org = make(1, 300, QUIET)
    names = Counter(shadow.name for shadow in org.seen[TREES[0]])
    assert sum(count for count in names.values() if count > 1) > 300 / 3
    assert sum(SEPARATOR in shadow.name for shadow in org.seen[FLAT]) > 300 / 3


def test_without_noise_every_record_is_linked_to_its_like() -> None:
    org = make(3, 300, QUIET)
    found = match((), org.seen, {}, org.trees, aliases=Aliases(org.aliases))
    assert Score.of(pairs(linked(found)), pairs(org.labels)) == Score(900, 900, 900)


@pytest.mark.parametrize("step", [case, wide, blanks])
def test_case_width_and_blanks_change_a_name_but_not_what_it_counts_as(step: type) -> None:
    chance = Random(1)  # noqa: S311 - the same in every run
    found = {step("Key Account", chance) for _ in range(20)}
    assert found - {"Key Account"}
    assert {fold(name) for name in found} == {"key account"}


def test_a_typo_makes_another_name_of_it() -> None:
    chance = Random(1)  # noqa: S311 - the same in every run
    found = {typo("Key Account", chance) for _ in range(20)}
    assert "Key Account" not in found
    assert {len(name) for name in found} == {10, 11, 12}


def test_a_name_has_other_names_only_where_it_has_a_word_and_chinese_ones_only_where_it_is_one() -> None:
    chance, word = Random(1), WORDS[0]  # noqa: S311 - the same in every run
    always = Rates(1.0, 1.0, *[0.0] * 6)
    assert noisy((word,), always, chance) == word.chinese
    assert noisy(("Atlas", word), always, chance) in {f"Atlas {one}" for one in (word.short, *word.others)}
    assert noisy(("Atlas",), always, chance) == "Atlas"


def test_no_name_stands_for_two_words_and_the_operator_knows_three_quarters_of_them(org: Org) -> None:
    names = Counter(fold(one) for word in WORDS for one in (word.name, word.short, *word.others, word.chinese) if one)
    assert max(names.values()) == 1
    assert len(org.aliases) / len(WORDS) == pytest.approx(0.75, abs=0.05)


def test_splink_gets_the_path_of_a_tree_and_what_a_flat_name_tells_of_it(org: Org) -> None:
    records = {(one["system"], one["id"]): one for one in told(org)}
    assert len(records) == len(org.labels)
    flat = [one for one in records.values() if one["system"] == FLAT]
    assert {one["parent"] is None for one in flat} == {True, False}
    assert not any(SEPARATOR in str(one["leaf"]) for one in flat)
    tops = [one for one in org.seen[TREES[0]] if one.values["parent_id"] is None]
    assert all(records[TREES[0], one.ref.source_id]["parent"] is None for one in tops)


def test_only_pairs_of_two_systems_count() -> None:
    assert pairs({A1: 1, A2: 1, B1: 1, C1: 2}) == {(A1, B1), (A2, B1)}


def test_precision_and_recall_are_shares_of_what_was_told_and_of_what_is_true() -> None:
    score = Score.of(pairs({A1: 1, B1: 1, C1: 1}), pairs({A1: 1, B1: 1, A2: 2, B2: 2}))
    assert score == Score(told=3, right=1, true=2)
    assert (score.right / score.told, score.right / score.true) == (score.precision, score.recall) == (1 / 3, 1 / 2)
    assert score.f1 == pytest.approx(2 / 5)
    assert Score(0, 0, 5).precision == 1.0


def test_a_proposal_counts_by_its_first_candidate_or_for_whoever_picks_by_the_right_one() -> None:
    links = [Link(A1, "x", Method.FOUNDED), Link(A2, "y", Method.FOUNDED)]
    found = Matches(links, [Dispute(B1, ("y", "x"), "near"), Dispute(B2, (), "its parent waits")])
    assert linked(found) == {A1: "x", A2: "y"}
    assert proposed(found) == {A1: "x", A2: "y", B1: "y"}
    assert offered(found, {A1: 1, A2: 2, B1: 1, B2: 2}) == {A1: "x", A2: "y", B1: "x"}


def test_the_best_threshold_parts_no_pairs_that_are_equally_likely() -> None:
    likely = {(A1, B1): 0.9, (A2, B2): 0.5, (A1, C1): 0.5, (A2, B1): 0.1}
    true = {(A1, B1), (A2, B2)}
    assert best(likely, true) == Score(told=3, right=2, true=2)
    assert best({}, true) == Score(0, 0, 2)


def test_a_pair_is_mutual_where_each_is_the_likeliest_of_the_other_in_its_system() -> None:
    assert mutual({(A1, B1): 0.9, (A1, B2): 0.8, (A2, B2): 0.7, (A1, C1): 0.1}) == {(A1, B1): 0.9, (A1, C1): 0.1}


def test_the_worst_organisation_decides_whether_a_figure_is_reached() -> None:
    trials = [
        Trial(seed, way, Score(right, right, 1_000), 0.1)
        for seed, right in ((1, 990), (2, 900))
        for way in (Matched.LINKED, Matched.PROPOSED)
    ]
    found = {one.text: one.reached for one in targets(Found(trials))}
    assert found == {"precision of what is linked by itself": True, "recall of linked and proposed first": False}


def test_speed_is_told_in_units_and_a_missing_splink_with_the_remedy() -> None:
    steps = tuple(Step(name, 1.0, 1.0, 9.0, 0.5, 100.0, 0) for name in (FIRST, UNCHANGED, CHANGED))
    found = Found([Trial(1, Matched.LINKED, Score(1, 1, 1), 0.1), Trial(1, Matched.PROPOSED, Score(1, 1, 1), 0.1)])
    found.speed = Speed(1_000, steps)
    assert [one.here for one in targets(found)[2:]] == [4.0, 4.0, 4.0, 100.0]
    assert all(one.reached for one in targets(found))
    assert not Target("x", 4.1, 4.0, "x").reached
    assert "Splink: not installed" in console(found)


def test_the_company_needs_no_change_until_one_in_a_hundred_of_its_records_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "umask", lambda mask: mask)
    for step, wanted in (("land", False), ("again", False), ("change", True)):
        if step != "again":
            land(tmp_path, Namespace(step=step, departments=120, tasks=200))
        told_of = plan(tmp_path, Namespace())
        assert (bool(told_of["changes"]), told_of["disputes"]) == (wanted, 0), step


def test_each_benchmark_replaces_its_own_part_of_the_page() -> None:
    page = replaced(replaced("", "one", "1\n"), "two", "2\n")
    assert replaced(page, "one", "3\n") == page.replace("1\n", "3\n")
    assert replaced(page, "two", "4\n") == page.replace("2\n", "4\n")
    assert page.count("<!--") == 4


def test_a_part_of_the_benchmark_leaves_the_page_for_people_alone() -> None:
    assert options([]).write
    assert not options(["--quick"]).write
    assert not options(["--seed", "7"]).write
    assert options(["--seed", "7,8", "--write"]).write
    assert options(["--seed", "7,8"]).seed == [7, 8]
