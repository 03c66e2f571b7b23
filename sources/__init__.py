"""The vendors: what each one offers, how to read it, how to write it, and its sandbox."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sources.twin import FaultyTwin, Holdings, Now
    from sources.vendor import Connection, Vendor

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


def rehearsal_twin(name: str, connection: "Connection", holdings: "Holdings", now: "Now") -> "FaultyTwin":
    """A vendor's sandbox that holds what a connection holds and takes its (made up) credentials."""
    made: FaultyTwin = import_module(VENDORS[name].replace(".settings", ".rehearsal")).twin(connection, holdings, now)
    return made
