"""How much names are alike, and how like ones are found among very many."""

import pytest

from mappings.alike import ENOUGH, alike
from mappings.seek import FEW, Seeker


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("suport", "support"),
        ("legal afairs", "legal affairs"),
        ("hr", "human resources"),
        ("r&d", "research and development"),
        ("eng.", "engineering"),
        ("cust. supp.", "customer support"),
        ("mgmt", "management"),
        ("sales north", "north sales"),
        ("help desk", "helpdesk"),
        ("engineering department", "engineering"),
        ("客服", "客服部"),
        ("客服部", "客户服务部"),
        ("recruiting", "recruitment"),
    ],
)
def test_names_that_a_person_would_take_for_one_are_alike_whichever_comes_first(one: str, other: str) -> None:
    assert alike(one, other) == alike(other, one)
    assert (alike(one, other) or 0) >= ENOUGH


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("support 1", "support 2"),
        ("team a", "team b"),
        ("客服一部", "客服二部"),
        ("north sales", "south sales"),
        ("sales emea", "sales apac"),
        ("customer support", "technical support"),
        ("finance", "marketing"),
        ("it", "hr"),
        ("", "support"),
    ],
)
def test_names_that_differ_in_what_they_mean_are_not_alike_however_few_letters_differ(one: str, other: str) -> None:
    assert (alike(one, other) or 0) < ENOUGH


def test_names_in_different_scripts_cannot_be_compared() -> None:
    assert alike("工程部", "engineering") is None


@pytest.mark.parametrize("more", [0, FEW + 1])
def test_like_names_are_found_among_few_and_among_very_many(more: int) -> None:
    names = [
        "support",
        "human resources",
        "engineering",
        "north sales",
        "客服部",
        *(f"unit {one}" for one in range(more)),
    ]
    seeker = Seeker(names, asked=10)
    for asked, found in (
        ("suport", "support"),
        ("supprot", "support"),
        ("hr", "human resources"),
        ("eng.", "engineering"),
        ("sales north", "north sales"),
        ("客服", "客服部"),
        ("engineering", "engineering"),
    ):
        assert [name for name, _ in seeker.like(asked)] == [found]
    assert seeker.like("marketing") == ()
