"""``orgweave migrate --check``: both sides side by side, green only where all is there that was promised."""

import pytest

from tests.pipelines.rig import Office
from tests.pipelines.test_migrate import TREE, migrate, states

pytestmark = pytest.mark.usefixtures("unpublished")


@pytest.fixture
def house(office: Office) -> Office:
    """The tree of five at Udesk; ScalePad and Nexudus are empty, and no rule is configured."""
    office.configure("")
    office.tree(*TREE)
    return office


@pytest.mark.usefixtures("published")
def test_orphans_and_twins_break_parity_and_are_named(house: Office) -> None:
    migrate(house, "--yes", to="hq")
    udesk = house.vendors.udesk
    [key] = [key for key, (name, _) in udesk.departments.items() if name == "客服"]
    del udesk._departments[key]
    house.vendors.nexudus.add_department(Name="Europe", Description="d")
    told = migrate(house, "--check", to="hq", code=3)
    assert {(one["state"], one["called"]) for one in told["parity"]["records"]} >= {("orphan", "客服")}
    assert states(told)["same"] == 4
    assert set(told["parity"]["remedies"]) == {"orphan", "twin"}
    [orphan] = [one["target_id"] for one in told["parity"]["records"] if one["state"] == "orphan"]
    shown = house.run("migrate", "--from", "udesk_cn", "--to", "hq", "--check")
    assert f"orgweave review unlink hq:{orphan}" in " ".join(shown.out.split())
    assert house.run("review", "unlink", f"hq:{orphan}").code == 0
    assert "orphan" not in states(migrate(house, "--check", to="hq", code=3))


def test_what_a_limit_of_ours_or_a_switch_at_the_target_holds_back_is_not_as_promised(house: Office) -> None:
    migrate(house, "--yes", to="hq")
    twin = house.vendors.nexudus
    twin.edit("department", min(twin.ids("department")), Active=False)
    told = migrate(house, "--check", to="hq", code=3)
    assert [one["why"] for one in told["parity"]["records"]] == ["it is switched off there"]
    house.reconfigure("[connections.amm]", "[connections.amm]\napply_disabled = true")
    assert states(migrate(house, "--check", code=3)) == {"missing": 5}


def test_what_could_not_be_read_is_not_green(house: Office) -> None:
    migrate(house, "--yes")
    for key in list(house.vendors.scalepad.departments):
        house.vendors.scalepad._departments[key].deleted = True
    house.vendors.scalepad.add_department("Another")
    told = migrate(house, "--check", code=4)
    assert told["parity"]["good"] is False
