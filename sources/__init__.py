"""The vendors: what each one offers, how to read it, how to write it, and its sandbox."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sources.vendor import Vendor

VENDORS = {
    "udesk": "sources.udesk.settings",
    "scalepad": "sources.scalepad.settings",
    "nexudus": "sources.nexudus.settings",
}
"""Every vendor's name in the configuration, and the module that declares it."""


def load_vendor(name: str) -> "Vendor":
    """A vendor's declaration. Raises ``KeyError`` for a name that is not in ``VENDORS``."""
    vendor: Vendor = import_module(VENDORS[name]).VENDOR
    return vendor
