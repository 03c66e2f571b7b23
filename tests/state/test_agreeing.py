"""What counts as agreed on: only what every authority holds."""

from tests.mappings.landed import AMM, UDESK
from tests.state.test_merge_laws import company


def test_an_edit_that_an_authority_with_an_empty_value_did_not_follow_yet_is_not_lost() -> None:
    with company() as here:
        here.edit(AMM, "2", "text", "north wing")
        here.look()  # the write to the other one fails, so that it stays empty there
        here.edit(UDESK, "2", "name", "Sales")
        here.look()
        assert [text for one, _, text, _ in here.golden() if one == "d2"] == ["north wing"]
