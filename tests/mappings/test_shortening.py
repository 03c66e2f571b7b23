"""Names over a target's limit, shortened."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.naming import fold
from mappings.shortening import shorten_all, shortened

WORD = "Customer care and field service "


def test_a_name_is_cut_after_a_word_and_carries_a_mark_of_the_whole() -> None:
    short = shortened(WORD * 9, 255)
    head, _, mark = short.rpartition(" ~")
    assert (WORD * 9).startswith(f"{head} ")
    assert len(mark) == 8
    assert 240 < len(short) <= 255


@pytest.mark.parametrize(
    "whole",
    [
        "e\u0301",
        "👩\u200d👩\u200d👧",
        "👍🏽",
        "🇩🇪",
        "क्ष",
        "ก็",
        "\u1112\u1161\u11ab",
        "🏴\U000e0067\U000e0062\U000e007f",
    ],
)
def test_no_character_that_a_reader_sees_as_one_is_cut(whole: str) -> None:
    for lead in range(6):
        head = shortened("x" * lead + whole * 60, 30).rpartition(" ~")[0]
        assert len(head[lead:]) % len(whole) == 0


@given(st.lists(st.text(min_size=1, max_size=40), max_size=8), st.text(min_size=20, max_size=60))
def test_two_names_never_become_one_and_a_name_is_cut_alike_whoever_stands_beside_it(
    others: list[str], start: str
) -> None:
    whole = {unicodedata.normalize("NFC", start + one).strip(): start + one for one in others}
    names = {str(place): one for place, one in enumerate(whole.values())}
    short = shorten_all(names, 20)
    assert set(short) == {key for key, name in names.items() if len(name) > 20}
    assert all(0 < len(name) <= 20 for name in short.values())
    assert len({fold(name) for name in short.values()}) == len({names[key] for key in short})
    assert all(shorten_all({key: names[key]}, 20) == {key: name} for key, name in short.items())


def test_a_name_that_another_carries_already_is_not_taken_a_second_time() -> None:
    long = "a" * 300
    once = shortened(long, 255)
    both = shorten_all({"long": long, "short": once}, 255)
    assert list(both) == ["long"]
    assert fold(both["long"]) != fold(once)
    assert len(both["long"]) <= 255


def test_blanks_that_a_vendor_trims_make_no_other_name() -> None:
    assert shortened("é" * 300 + " ", 100) == shortened("é" * 300, 100)
