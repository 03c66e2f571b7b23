"""Which vendors there are: those that come with orgweave, and those that installed distributions bring.

A distribution brings a vendor by an entry point of the group ``orgweave.vendors``: its name is the vendor's name in the
configuration, its value the ``Vendor`` (``orgweave_acme.settings:VENDOR``). Beside that module stand ``mapping.sql``
and, for rehearsals, ``rehearsal.py``. No name of orgweave's own can be taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from mappings.queries import query
from sources.errors import BrokenVendor
from sources.vendor import Resource, Vendor

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "orgweave.vendors"
OWN = ("udesk", "scalepad", "nexudus")
RESERVED = frozenset({"vendor", "base_url", "apply_disabled", "full_every", "pace"})
"""What every connection may say; no vendor's option or secret can be called so."""


@dataclass(frozen=True, slots=True)
class _Brought:
    """A vendor that a distribution brings."""

    point: "EntryPoint"

    @property
    def where(self) -> str:
        """The distribution, as a person would name it."""
        found = self.point.dist
        return f"{found.name} {found.version}" if found else "an installed package"

    def broken(self, what: str) -> BrokenVendor:
        """The error of a vendor that cannot be used: what it is, where it comes from, and what to do."""
        name = self.point.dist.name if self.point.dist else "it"
        return BrokenVendor(
            f"the vendor {self.point.name!r}, which {self.where} brings, cannot be used: {what}. "
            f"What to do: update or mend {name}, or uninstall it: pip uninstall {name}"
        )


def vendor_names() -> tuple[str, ...]:
    """The names that a configuration may use for ``vendor``, orgweave's own first."""
    return (*OWN, *sorted(_brought().keys() - set(OWN)))


@cache
def load_vendor(name: str) -> Vendor:
    """A vendor's declaration.

    Raises ``KeyError`` for a name that is none of ``vendor_names``, ``BrokenVendor`` for one that cannot be used.
    """
    if name in OWN:
        own: Vendor = import_module(f"sources.{name}.settings").VENDOR
        return own
    brought = _one(name)
    try:
        found = brought.point.load()
    except Exception as fault:
        raise brought.broken(f"{brought.point.value}: {_told(fault)}") from fault
    if why := _unfit(name, found):
        raise brought.broken(f"{brought.point.value} {why}")
    declared: Vendor = found
    return declared


def mapping_of(name: str) -> str:
    """The SQL that puts a vendor's records into canonical terms. Raises as ``load_vendor``."""
    if name in OWN:
        return query(name)
    brought = _one(name)
    try:
        return files(_package(brought)).joinpath("mapping.sql").read_text(encoding="utf-8")
    except (OSError, ImportError, ValueError) as fault:
        raise brought.broken(f"mapping.sql beside {brought.point.module}: {_told(fault)}") from fault


def rehearsal_of(name: str) -> Any:
    """The module that makes a vendor's sandbox of what an account holds. Raises as ``load_vendor``."""
    if name in OWN:
        return import_module(f"sources.{name}.rehearsal")
    brought = _one(name)
    try:
        return import_module(f"{_package(brought)}.rehearsal")
    except Exception as fault:
        raise brought.broken(f"it cannot be rehearsed: {_told(fault)}") from fault


def broken(name: str, fault: Exception) -> BrokenVendor:
    """The error of a vendor's code that failed where it must not. Raises the fault where the code is orgweave's own."""
    if name in OWN:
        raise fault
    return _one(name).broken(_told(fault))


def culprit(fault: BaseException) -> str:
    """The vendor in whose code a fault began, with its distribution; empty where it is orgweave's own code."""
    frame = fault.__traceback__
    while frame is not None:
        inner = str(frame.tb_frame.f_globals.get("__name__", ""))
        found = [one for some in _brought().values() for one in some if inner.startswith(f"{_package(one)}.")]
        if found:
            return f"the vendor {found[0].point.name!r}, which {found[0].where} brings"
        frame = frame.tb_next
    return ""


def _one(name: str) -> _Brought:
    first, *others = _brought()[name]
    if others:
        several = " and ".join(sorted({one.where for one in (first, *others)}))
        raise BrokenVendor(f"{several} bring a vendor called {name!r}. What to do: uninstall all but one of them")
    return first


@cache
def _brought() -> Mapping[str, tuple[_Brought, ...]]:
    """The vendors that distributions bring, by name; one that is installed twice over counts once."""
    from importlib.metadata import entry_points  # it takes 50 ms, and orgweave's own vendors need none of it

    found: dict[str, dict[tuple[str, str], _Brought]] = {}
    for point in entry_points(group=GROUP):
        found.setdefault(point.name, {})[point.dist.name if point.dist else "", point.value] = _Brought(point)
    return {name: tuple(several.values()) for name, several in found.items()}


def _package(brought: _Brought) -> str:
    return brought.point.module.rpartition(".")[0]


def _unfit(name: str, found: object) -> str:
    """Why what an entry point names is no vendor; empty where it is one."""
    if not isinstance(found, Vendor):
        return f"is a {type(found).__name__}, and no sources.vendor.Vendor"
    if found.name != name:
        return f"calls itself {found.name!r}: the entry point and Vendor.name must be the same"
    taken = RESERVED & {*found.options, *(key for way in found.secrets for key in way)}
    if taken:
        return f"has an option or secret {min(taken)!r}, which every connection has"
    if not found.resources or not all(isinstance(one, Resource) for one in found.resources):
        return "has no resources, or others than sources.vendor.Resource"
    return ""


def _told(fault: Exception) -> str:
    """A fault in one line."""
    line = next(iter(str(fault).splitlines()), "").rstrip(".")
    return f"{type(fault).__name__}: {line}" if line else type(fault).__name__
