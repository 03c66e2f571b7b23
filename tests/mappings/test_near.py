"""Near matching: what is proposed, with which evidence, and what is not."""

from collections.abc import Sequence

import pytest

from mappings.known import Known, canonical_id
from mappings.match import match
from mappings.model import Dispute, Entity, Method, Question, Ref, Shadow
from tests.mappings.samples import AMM, DEPARTMENT, UDESK, shadow
from tests.mappings.test_match import branch, links, matched, waiting

B = "udesk_b"


TREE = (branch("1", "Acme"), branch("2", "Support", "1"), branch("3", "Legal", "1"), branch("4", "Night", "2"))


def other(*rows: tuple[str, str, str | None]) -> Sequence[Shadow]:
    return [branch(source_id, name, parent, B) for source_id, name, parent in rows]


def asked(question: Question, *candidates: str) -> tuple[Question, tuple[str, ...]]:
    return question, tuple(canonical_id(Ref(UDESK, DEPARTMENT, one)) for one in candidates)


def told(one: Dispute) -> tuple[Question, tuple[str, ...]]:
    return one.question, one.candidates


def test_a_mistyped_sibling_is_proposed_with_its_score_and_evidence_and_not_linked() -> None:
    found = matched(*TREE, *other(("11", "Acme", None), ("12", "Suport", "11"), ("13", "Legal", "11")))
    assert links(found)[B, "13"] == f"{UDESK}:3"
    proposal = waiting(found, "12")
    assert told(proposal) == asked(Question.NEAR, "2")
    assert proposal.score is not None
    assert 0.9 < proposal.score < 1
    assert proposal.runner_up is None
    assert dict(proposal.evidence) == {"name": 0.93, "parent": 1.0}
    assert proposal.reason == 'much like "Acme / Support" (name 0.93, parent 1.00)'


def test_two_like_candidates_are_both_named_the_likelier_first_with_the_runner_ups_score() -> None:
    tree = (*TREE, branch("5", "Supporters", "1"))
    proposal = waiting(matched(*tree, *other(("11", "Acme", None), ("12", "Suport", "11"))), "12")
    assert told(proposal) == asked(Question.NEAR, "2", "5")
    assert proposal.runner_up is not None
    assert proposal.score is not None
    assert proposal.runner_up < proposal.score


def test_below_a_proposed_record_what_fits_follows_it_and_what_is_like_is_proposed_and_the_rest_waits() -> None:
    tree = (*TREE, branch("5", "Archive", "2"))
    rows = (("11", "Acme", None), ("12", "Suport", "11"), ("14", "NIGHT", "12"), ("15", "Archives", "12"))
    found = matched(*tree, *other(*rows, ("16", "Garden", "12")))
    assert told(waiting(found, "14")) == asked(Question.FOLLOWS, "4")
    assert waiting(found, "14").reason == "follows when its parent (id 12) is decided"
    assert told(waiting(found, "15")) == asked(Question.NEAR, "5")
    assert told(waiting(found, "16")) == (Question.PARENT, ())


def known_tree(*linked_in: str) -> list[Known]:
    """``TREE`` as canonical records: of Udesk, and of the connection named for those numbers that are given."""
    ids = {row.ref.source_id: canonical_id(row.ref) for row in TREE}
    paths = {"1": ("Acme",), "2": ("Acme", "Support"), "3": ("Acme", "Legal"), "4": ("Acme", "Support", "Night")}
    return [
        Known(
            ids[one],
            path,
            ids.get({"2": "1", "3": "1", "4": "2"}.get(one, "")),
            placed=True,
            linked_in=frozenset({UDESK, B} if one in linked_in else {UDESK}),
        )
        for one, path in paths.items()
    ]


def test_what_follows_is_linked_by_itself_once_a_person_linked_its_parent() -> None:
    linked = {Ref(B, DEPARTMENT, "12"): canonical_id(TREE[1].ref)}
    found = matched(*other(("14", "NIGHT", "12")), known=known_tree("1", "2"), linked=linked)
    assert [(one.canonical_id, one.method) for one in found.links] == [(canonical_id(TREE[3].ref), Method.EXACT)]


def test_what_stood_below_a_rejected_record_is_founded_below_the_new_one_and_not_asked_about() -> None:
    rows = other(("12", "Suport", "11"), ("14", "Night", "12"))
    apart = frozenset({(rows[0].ref, canonical_id(TREE[1].ref))})
    linked = {Ref(B, DEPARTMENT, "11"): canonical_id(TREE[0].ref)}
    found = matched(*rows, known=known_tree("1"), linked=linked, apart=apart)
    assert links(found) == {(B, "12"): f"{B}:12", (B, "14"): f"{B}:14"}
    assert found.disputes == []


def test_a_name_that_nothing_joins_is_proposed_where_parent_and_children_are_the_same() -> None:
    tree = (branch("1", "Acme"), branch("2", "Support", "1"), branch("3", "Day", "2"), branch("4", "Night", "2"))
    rows = other(("11", "Acme", None), ("12", "Kundendienst", "11"), ("13", "Day", "12"), ("14", "Night", "12"))
    found = matched(*tree, branch("5", "Sales", "1"), *rows)
    assert told(waiting(found, "12")) == asked(Question.NEAR, "2")
    assert dict(waiting(found, "12").evidence)["children"] == 1.0
    assert told(waiting(found, "13")) == asked(Question.FOLLOWS, "3")


def test_the_last_one_on_either_side_below_a_linked_parent_is_proposed_with_a_lower_score() -> None:
    found = matched(*TREE, *other(("11", "Acme", None), ("12", "Support", "11"), ("13", "法务部", "11")))
    proposal = waiting(found, "13")
    assert told(proposal) == asked(Question.NEAR, "3")
    assert dict(proposal.evidence) == {"parent": 1.0, "left": 1.0}
    assert proposal.score is not None
    assert proposal.score < 0.95


def test_numbered_siblings_are_other_records_even_where_they_are_the_last_ones() -> None:
    tree, rows = (branch("1", "Acme"), branch("2", "Unit 1", "1")), other(("11", "Acme", None), ("12", "Unit 2", "11"))
    assert links(matched(*tree, *rows))[B, "12"] == f"{B}:12"


def test_a_branch_that_moved_is_proposed_and_its_records_follow() -> None:
    tree = (*TREE, branch("5", "Operations"))
    rows = other(("11", "Acme", None), ("15", "Operations", None), ("12", "Support", "15"), ("14", "Night", "12"))
    found = matched(*tree, *rows)
    assert told(waiting(found, "12")) == asked(Question.NEAR, "2")
    assert dict(waiting(found, "12").evidence)["parent"] == 0.0
    assert told(waiting(found, "14")) == asked(Question.FOLLOWS, "4")


def test_a_namesake_elsewhere_is_no_move() -> None:
    tree = (*TREE, branch("5", "Support"), branch("6", "Asia"))
    found = matched(
        *tree, *other(("11", "Acme", None), ("15", "Support", None), ("16", "Asia", None), ("17", "Support", "16"))
    )
    assert links(found)[B, "17"] == f"{B}:17"


def test_records_that_could_as_well_be_the_one_are_both_proposed() -> None:
    rows = other(("11", "Acme", None), ("12", "Suport", "11"), ("13", "Supprt", "11"))
    found = matched(*TREE, *rows)
    assert told(waiting(found, "12")) == told(waiting(found, "13")) == asked(Question.NEAR, "2")


@pytest.mark.parametrize(
    ("name", "candidate"),
    [
        pytest.param("Suport", "2", id="mistyped"),
        pytest.param("Ѕupport", "2", id="a look-alike letter"),
        pytest.param("Acme / Suport", "2", id="mistyped at the end of its path"),
        pytest.param("Amce / Support", "2", id="mistyped in its path"),
        pytest.param("Support / Nihgt", "4", id="below a middle part of the path"),
    ],
)
def test_a_flat_name_is_proposed_for_what_it_and_its_path_are_like(name: str, candidate: str) -> None:
    found = matched(*TREE, shadow("7", name))
    assert told(waiting(found, "7", AMM)) == asked(Question.NEAR, candidate)
    assert (AMM, "7") not in links(found)


@pytest.mark.parametrize("name", ["West / Support", "Support 2", "Garden", ""])
def test_a_flat_name_of_another_place_or_number_or_of_nothing_known_founds_a_record(name: str) -> None:
    found = matched(*TREE, shadow("7", name))
    assert links(found)[AMM, "7"] == f"{AMM}:7"


def test_a_tree_is_asked_about_a_mistyped_flat_record() -> None:
    found = matched(shadow("7", "Acme / Suport"), *TREE)
    assert waiting(found, "2", UDESK).candidates == (canonical_id(Ref(AMM, DEPARTMENT, "7")),)


def test_a_flat_path_is_read_by_what_the_flat_system_calls_its_parent() -> None:
    tree = (*TREE, branch("5", "Night"))
    row = Ref(AMM, DEPARTMENT, "8")
    known = [Known(canonical_id(one.ref), (one.name,), None, placed=True, linked_in=frozenset({UDESK})) for one in tree]
    known[1] = Known(known[1].canonical_id, ("Support",), None, placed=True, linked_in=frozenset({UDESK, AMM}))
    known[3] = Known(
        known[3].canonical_id, ("Support", "Night"), known[1].canonical_id, placed=True, linked_in=frozenset({UDESK})
    )
    found = matched(
        shadow("7", "Kundendienst / Nacht"),
        shadow("9", "Kundendienst / Nihgt"),
        known=known,
        linked={row: known[1].canonical_id},
        names={row: "Kundendienst"},
    )
    assert waiting(found, "9", AMM).candidates[0] == known[3].canonical_id


def test_what_another_system_calls_a_record_is_evidence_too() -> None:
    ref = Ref(B, DEPARTMENT, "12")
    linked = {ref: canonical_id(TREE[1].ref)}
    found = matched(shadow("7", "Kundendienst"), known=known_tree("2"), linked=linked, names={ref: "Kundendienst"})
    assert told(waiting(found, "7", AMM)) == asked(Question.NEAR, "2")
    assert "elsewhere" in dict(waiting(found, "7", AMM).evidence)


def test_titles_of_tasks_are_not_compared() -> None:
    rows = {
        name: [Shadow(Ref(name, Entity.TASK, "1"), {"title": title})]
        for name, title in (("hq", "Order the paper"), (AMM, "Order the papers"))
    }
    assert [one.method for one in match((), rows, {}, frozenset()).links] == [Method.FOUNDED] * 2


def test_teams_are_matched_as_departments_are() -> None:
    rows = {
        name: [Shadow(Ref(name, Entity.TEAM, "1"), {"name": title})]
        for name, title in (("hq", "Night shift"), (AMM, "Nigth shift"))
    }
    [proposal] = match((), rows, {}, frozenset()).disputes
    assert proposal.question == Question.NEAR
