"""Aliases: names that mean the same, whichever of them is written, and in whatever letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.aliases import Aliases

GROUPS = (("工程部", "Engineering"), ("R&D", "Research and Development", "研发部"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("工程部", "ENGINEERING "),
        ("研发部", "research  and development"),
        ("Europe / 工程部", "europe / Engineering"),
        ("研发部 / 工程部", "R&D / Engineering"),
        ("Sales", "ｓａｌｅｓ"),
    ],
)
def test_names_of_one_group_have_one_key_alone_and_in_a_path(one: str, other: str) -> None:
    assert Aliases(GROUPS).key(one) == Aliases(GROUPS).key(other)


@pytest.mark.parametrize("other", ["Engineering Team", "R", "Research", "Engineering / Sales"])
def test_a_name_that_merely_holds_an_alias_keeps_its_own_key(other: str) -> None:
    assert Aliases(GROUPS).key(other) not in {Aliases(GROUPS).key(one) for group in GROUPS for one in group}


def test_a_name_with_the_separator_in_it_may_be_an_alias_as_a_whole() -> None:
    aliases = Aliases([("Legal / Tax", "法税部")])
    assert aliases.key("法税部") == aliases.key("legal / tax")


@pytest.mark.parametrize(
    ("groups", "told"),
    [([("A", " ")], "blank"), ([("A", "B"), ("C", "ｂ")], "two groups"), ([("\u200b", "B")], "blank")],
)
def test_a_blank_name_and_a_name_in_two_groups_are_refused(groups: list[tuple[str, ...]], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Aliases(groups)


@given(st.lists(st.text(alphabet="AbÄß工", min_size=1, max_size=3), min_size=2, max_size=4), st.randoms())
def test_the_order_within_a_group_makes_no_difference_to_what_is_equal(names: list[str], chance: object) -> None:
    turned = list(names)
    chance.shuffle(turned)  # type: ignore[attr-defined]  # hypothesis types its randoms as objects
    for group in (names, turned):
        assert len({Aliases([group]).key(name) for name in names}) == 1
