"""Records that an authority drops: what the tests of ``on_missing`` share."""

from tests.pipelines.rig import DEPARTMENTS, LIMITS, Office

AMM = DEPARTMENTS.replace(', "hq"', "")
DELETE = AMM + 'on_missing = "delete"\n' + LIMITS
UNITS = [f"Unit {number}" for number in range(6)]
READY = ("delete", "ready", "missing_at_authority")


def agree(office: Office) -> Office:
    """Six departments at Udesk and ScalePad, and one that only ScalePad knows; what is dropped is to be deleted."""
    office.configure(DELETE)
    office.vendors.scalepad.add_department("Legal", None)
    office.tree(*((name,) for name in UNITS))
    office.sync()
    return office


def planned(office: Office, code: int = 0) -> list[tuple[str, str, str]]:
    """Pull and plan: (operation, status, rule) of each change."""
    office.run("pull")
    ran = office.run("plan", "--json")
    assert ran.code == code, ran.text
    return [(one["op"], one["status"], one["rule"]) for one in ran.json()["changes"]]


def drop(office: Office, *ids: int) -> None:
    """Somebody deletes departments at Udesk."""
    for one in ids:
        del office.vendors.udesk._departments[one]


def at_amm(office: Office) -> dict[str, str]:
    """ScalePad's departments: name → id."""
    return {name: key for key, (name, _) in office.vendors.scalepad.departments.items()}
