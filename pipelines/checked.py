"""A check's findings as a person reads them, a paragraph a connection, and as JSON."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rich.padding import Padding
from rich.table import Table

from mappings.card import Rate
from mappings.model import Op
from pipelines.budget import utc
from pipelines.config import Config, ConnectionConfig
from pipelines.explain import printable
from pipelines.findings import Findings, clock_words, why
from sources.vendor import Probe

Clean = Callable[[str], str]
"""Takes every secret out of a text."""


def table(checked: Iterable[Findings], clean: Clean, *, verbose: bool) -> Table:
    """A line a connection, wrapped beside its mark; with ``verbose`` a line a resource below it."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=4)
    grid.add_column(overflow="fold")
    for one in checked:
        grid.add_row("FAIL" if one.faults else "ok", printable(clean(f"{one.connection.name}: {detail(one)}")))
        for resource, probe in one.probed() if verbose else ():
            text = printable(clean(f"{resource.name}: {_access(one, probe)}"))
            grid.add_row("", Padding(text, (0, 0, 0, 2)))
    return grid


def detail(one: Findings) -> str:
    """A connection in one paragraph, faults first; of one that let nobody in, nothing but these."""
    if not any(probe.listed for probe in one.probes.values()):
        return _sentences([*one.faults, *one.notes])
    listed = [(resource, probe) for resource, probe in one.probed() if probe.listed]
    sizes = ", ".join(f"{_count(probe.records)}{resource.name}" for resource, probe in listed)
    rights = "; ".join(_right(kind, told) for kind, told in may(one.config, one.connection).items())
    well = f"{one.connection.vendor.title} answers: {sizes}"
    clock = [f"Clock {clock_words(one.ahead)}"] if one.connection.vendor.address else []
    return _sentences([*one.faults, well, *one.notes, *clock, f"May: {rights}", _budget(one)])


def document(one: Findings, clean: Clean) -> dict[str, Any]:
    """The same for a program."""
    pace, spent = one.connection.card.pace, one.memory.spent if one.memory else None
    return {
        "ok": not one.faults,
        "detail": clean(detail(one)),
        "reachable": one.reachable,
        "credentials": one.credentials,
        "clock_skew_seconds": one.ahead,
        "resources": {
            resource.name: {
                "listed": probe.listed,
                "read": probe.read,
                "records": probe.records,
                "missing_role": probe.missing_role if one.credentials is not False else None,
                "optional": resource.optional,
                "fault": clean(str(probe.fault)) if probe.fault else None,
            }
            for resource, probe in one.probed()
        },
        "may": may(one.config, one.connection),
        "budget": {
            "reads_per_minute": _a_minute(pace.reads),
            "writes_per_minute": _a_minute(pace.reads if pace.shared else pace.writes),
            "shared": pace.shared,
            "writes_per_day": pace.writes_per_day,
            "writes_used": spent.used if spent else None,
            "next_write_at": spent.again if spent else None,
        },
        "last_full_read": one.memory.read_at if one.memory else None,
        "notes": [clean(note) for note in one.notes],
    }


def may(config: Config, connection: ConnectionConfig) -> dict[str, dict[str, Any]]:
    """What the connection may be used for, by kind: by its vendor's card, and by the configuration."""
    found: dict[str, dict[str, Any]] = {}
    for entity, card in connection.card.entities.items():
        kind = config.kinds.get(entity)
        found[f"{entity}s"] = {
            "can": [str(op) for op in Op if op in card.costs],
            "authority": kind is not None and connection.name in kind.authority,
            "write_to": kind is not None and connection.name in kind.write_to and not connection.apply_disabled,
            "apply_disabled": connection.apply_disabled,
        }
    return found


def _right(kind: str, told: Mapping[str, Any]) -> str:
    roles = [role for role in ("authority", "write_to") if told[role]]
    never = ["never written (apply_disabled)"] if told["apply_disabled"] else []
    *first, last = told["can"]
    able = f"{', '.join(first)} and {last}" if first else last
    return f"{kind}: can {able}; {', '.join([*roles, *never]) or 'read only'}"


def _access(found: Findings, probe: Probe) -> str:
    listed = f"listed, {_count(probe.records)}records" if probe.listed else "not listed"
    read = {True: ", read by id", False: ", not read by id", None: ""}[probe.read]
    return f"{listed}{read}" + (f": {why(found, probe)}" if probe.fault else "")


def _budget(one: Findings) -> str:
    pace, spent = one.connection.card.pace, one.memory.spent if one.memory else None
    reads, writes = _a_minute(pace.reads), _a_minute(pace.writes)
    kinds = [f"{reads} {'calls' if pace.shared else 'reads'}"] if reads else []
    rates = " and ".join([*kinds, *([f"{writes} writes"] if writes else [])])
    told = [f"{rates} a minute" if rates else "no limit is known"]
    if pace.writes_per_day:
        told.append(f"{spent.used if spent else 0} of {pace.writes_per_day} writes used in 24 hours")
    if spent and spent.again:
        told.append(f"the next may leave from {utc(spent.again)} on")
    if one.memory:
        told.append(f"last read in full {utc(one.memory.read_at)}" if one.memory.read_at else "not yet read in full")
    return f"Budget: {'; '.join(told)}"


def _a_minute(rate: Rate | None) -> int | None:
    return round(rate.calls * 60 / rate.seconds) if rate else None


def _count(number: int | None) -> str:
    return "" if number is None else f"{number} "


def _sentences(parts: Iterable[str]) -> str:
    first, *rest = parts
    begun = (first, *(f"{part[0].upper()}{part[1:]}" for part in rest))
    return " ".join(part if part.endswith(("?", ".")) else f"{part}." for part in begun)
