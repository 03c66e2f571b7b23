"""What counts as agreed on: only what every authority holds."""

import pytest

from mappings.model import Ref
from tests.mappings.landed import AMM, HQ, NOON, UDESK
from tests.state.company import DEPARTMENT
from tests.state.test_merge_laws import company


def test_an_edit_that_an_authority_with_an_empty_value_did_not_follow_yet_is_not_lost() -> None:
    with company() as here:
        here.edit(AMM, "2", "text", "north wing")
        here.look()  # the write to the other one fails, so that it stays empty there
        here.edit(UDESK, "2", "name", "Sales")
        here.look()
        assert [text for one, _, text, _ in here.golden() if one == "d2"] == ["north wing"]


@pytest.mark.parametrize(("first", "other"), [(AMM, HQ), (HQ, AMM)])
def test_an_edit_that_is_taken_back_before_anybody_saw_its_write_arrive_stays_taken_back(
    first: str, other: str
) -> None:
    with company() as here:
        for name in (AMM, HQ):
            here.edit(name, "2", "text", "old")
        here.look()
        here.edit(first, "2", "text", "north wing")
        here.look()
        here.edit(other, "2", "text", "north wing")  # our write, and its base with it
        here.safety.agree({Ref(other, DEPARTMENT, "2"): {"description": "north wing"}}, "r0", NOON, written=True)
        here.edit(first, "2", "text", "old")
        here.look()
        assert [text for one, _, text, _ in here.golden() if one == "d2"] == ["old"]
        assert here.run() == 1
        assert here.systems[other]["2"]["text"] == "old"
        assert here.run() == 0


@pytest.mark.parametrize(("first", "other"), [(AMM, HQ), (HQ, AMM)])
def test_where_we_wrote_to_all_of_them_the_last_write_is_nobodys_word(first: str, other: str) -> None:
    with company() as here:
        for name in (AMM, HQ):
            here.edit(name, "2", "text", "old")
        here.look()
        here.edit(first, "2", "text", "north wing")  # what the other one's people said, and took back
        here.safety.agree({Ref(first, DEPARTMENT, "2"): {"description": "north wing"}}, "r0", NOON, written=True)
        here.edit(other, "2", "text", "south wing")  # what the first one's people said next, and took back
        here.safety.agree({Ref(other, DEPARTMENT, "2"): {"description": "south wing"}}, "r0", NOON, written=True)
        here.look()
        assert [text for one, _, text, _ in here.golden() if one == "d2"] == ["north wing"]
        assert here.run() == 1
        assert here.systems[other]["2"]["text"] == "north wing"


def test_what_we_wrote_and_nobody_read_since_is_no_edit_of_that_system() -> None:
    with company() as here:
        for name in (AMM, HQ):
            here.edit(name, "2", "text", "old")
        here.look()
        unread = dict(here.seen)
        here.edit(AMM, "2", "text", "north wing")  # our write, and its base with it; then the vendor does not answer
        here.safety.agree({Ref(AMM, DEPARTMENT, "2"): {"description": "north wing"}}, "r0", NOON, written=True)
        here.order = (UDESK, HQ)
        here.look()
        assert unread == here.seen
        here.order = (UDESK, AMM, HQ)
        here.run(writable=())
        assert [text for one, _, text, _ in here.golden() if one == "d2"] == ["old"]
