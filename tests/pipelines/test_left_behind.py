"""A temporary name that a run left behind: nobody's value, nobody's edit, and taken away by the next run."""

import pytest

from sources.twin import TwinReply, TwinRequest
from tests.pipelines.keeping import kept
from tests.pipelines.leaving_out import leave_out
from tests.pipelines.rig import Execute, Office, always
from tests.pipelines.swapping import BOTH, MARK, TO_AMM, amm, swap, swapped, udesk, unseen

pytestmark = pytest.mark.usefixtures("unpublished")


@pytest.fixture
@kept
def two(office: Office) -> Office:
    """Udesk and ScalePad, both authorities, agreed on Sales and Support; since then Udesk has swapped the names."""
    ids = office.tree(("Sales",), ("Support",))
    for name in ("Sales", "Support"):
        office.vendors.scalepad.add_department(name)
    office.configure(BOTH)
    leave_out(office, "hq")
    office.sync()
    swap(office, ids["Sales",], ids["Support",])
    return office


def left_behind(office: Office, name: str = "", *, unread: bool = False) -> None:
    """A sync in which ScalePad refuses all that comes after this name's temporary one; ``unread``: reads too."""
    given: list[str] = []

    def refusing(request: TwinRequest, _execute: Execute) -> TwinReply | None:
        if request.method == "GET":
            return TwinReply(500, b"broken") if unread and given else None
        if given:
            return TwinReply(422, b'{"error": {"code": "unprocessable_entity", "message": "not now"}}')
        if f"{name} {MARK}".strip() in request.body.decode():
            given.append(name)
        return None

    always(office.vendors.scalepad, refusing)
    office.run("sync", "--yes")
    office.vendors.scalepad.faults.clear()
    assert len(parked(office)) == 1


def parked(office: Office) -> list[str]:
    return [name for name in amm(office).values() if MARK in name]


@unseen
@pytest.mark.parametrize("unread", [pytest.param(False, marks=pytest.mark.long), True])
def test_a_temporary_name_at_an_authority_is_taken_for_nobodys_rename(two: Office, *, unread: bool) -> None:
    before, at_udesk = amm(two), udesk(two)
    left_behind(two, unread=unread)
    document = two.sync()
    assert {one["connection"] for one in document["plan"]["changes"]} == {"amm"}
    assert amm(two) == swapped(before, ("Sales", "Support"))
    assert udesk(two) == at_udesk
    assert two.writes()["udesk"] == []
    assert two.sync()["plan"]["changes"] == []


@unseen
def test_a_qualified_name_that_is_parked_at_the_first_authority_is_read_as_it_was(office: Office) -> None:
    ids = office.tree(("Asia",), ("Europe",), ("Asia", "Support"), ("Europe", "Support"))
    for name in ("Asia", "Europe", "Asia / Support", "Europe / Support"):
        office.vendors.scalepad.add_department(name)
    office.configure(BOTH.replace('["amm", "udesk_cn"]\nwrite', '["udesk_cn"]\nwrite'))
    leave_out(office, "hq")
    office.sync()
    office.reconfigure('authority = ["udesk_cn"]', 'authority = ["amm", "udesk_cn"]')
    assert office.sync()["plan"]["changes"] == []
    before = amm(office)
    swap(office, ids["Asia",], ids["Europe",])
    left_behind(office, "Support")
    document = office.sync()
    assert {one["connection"] for one in document["plan"]["changes"]} == {"amm"}
    assert amm(office) == swapped(before, ("Asia", "Europe"), ("Asia / Support", "Europe / Support"))
    assert sorted(udesk(office).values()) == ["Asia", "Europe", "Support", "Support"]
    assert office.writes()["udesk"] == []
    assert office.sync()["plan"]["changes"] == []


@pytest.mark.usefixtures("published")
def test_the_model_calls_a_parked_record_by_no_temporary_name(office: Office) -> None:
    ids = office.tree(("Sales",), ("Support",))
    office.configure(TO_AMM)
    leave_out(office, "hq")
    office.sync()
    swap(office, ids["Sales",], ids["Support",])
    left_behind(office)
    for name in ("Sales", "Support"):
        told = office.run("why", "department", name, "name")
        assert (told.code, MARK in told.out.partition("amm")[0]) == (0, False)
    shown = office.run("plan", "--json").json()["changes"]
    assert {one["rule"] for one in shown} == {"name_differs"}
    assert "changed it" not in str(shown)


@unseen
def test_what_a_person_calls_a_parked_record_is_their_edit(two: Office) -> None:
    left_behind(two)
    [key] = [key for key, name in amm(two).items() if MARK in name]
    two.vendors.scalepad._departments[key].name = "Trade"
    two.sync()
    assert sorted(amm(two).values()) == sorted(udesk(two).values())
    assert "Trade" in amm(two).values()
