"""Departments whose names somebody lets change places, and how they are called then."""

import pytest

from tests.pipelines.rig import LIMITS, Office

TO_AMM = '[departments]\nauthority = ["udesk_cn"]\nwrite_to = ["amm"]\n' + LIMITS
TO_SECOND = '[departments]\nauthority = ["udesk_cn"]\nwrite_to = ["second"]\n' + LIMITS
BOTH = '[departments]\nauthority = ["amm", "udesk_cn"]\nwrite_to = ["amm", "udesk_cn"]\n' + LIMITS
MARK = "(orgweave "

unseen = pytest.mark.usefixtures("unpublished")


def swap(office: Office, one: int, other: int) -> None:
    """Somebody lets two departments of Udesk change their names."""
    names = {key: name for key, (name, _) in office.vendors.udesk.departments.items()}
    office.vendors.udesk.rename(one, "in between")
    office.vendors.udesk.rename(other, names[one])
    office.vendors.udesk.rename(one, names[other])


def amm(office: Office) -> dict[str, str]:
    """Id → name at ScalePad."""
    return {str(key): name for key, (name, _) in office.vendors.scalepad.departments.items()}


def udesk(office: Office) -> dict[int, str]:
    return {key: name for key, (name, _) in office.vendors.udesk.departments.items()}


def swapped(before: dict[str, str], *pairs: tuple[str, str]) -> dict[str, str]:
    """The names by id, these exchanged."""
    other = {one: two for pair in pairs for one, two in (pair, pair[::-1])}
    return {key: other.get(name, name) for key, name in before.items()}
