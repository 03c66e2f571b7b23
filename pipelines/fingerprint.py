"""Which account a connection is: its address and the options that name the tenant, as they were when it was read.

Links, agreed bases and open writes belong to that account. Under another address or option the same ids may be other
records (Udesk counts from 1), so that nothing may be read into them, and nothing written by them. What the answers
themselves tell of the tenant is looked at with every read: a record of another location, a client that is not there,
none of the known records seen (pipelines/plausible.py).
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from mappings.model import Entity
from pipelines.config import ConnectionConfig
from pipelines.run import Run
from state.safety import SafetyRecord

DEFAULT_PORTS = {"http": 80, "https": 443}


def fingerprint(connection: ConnectionConfig) -> dict[str, str | int | None]:
    """What tells the account of a connection from any other."""
    tenant = {key: connection.options.get(key) for key in connection.vendor.tenant}
    return {"vendor": connection.vendor.name, "base_url": connection.base_url, **tenant}


def strangers(safety: SafetyRecord, connections: Iterable[ConnectionConfig]) -> dict[str, str]:
    """The connections that are another account than the one they hold links or open writes of: name → what to do."""
    found: dict[str, str] = {}
    for connection in connections:
        kept, here = safety.fingerprint(connection.name) or {}, fingerprint(connection)
        moved = [f"{key} was {kept[key]}, is {here.get(key)}" for key in kept if _plain(kept, key) != _plain(here, key)]
        if moved and _at_stake(safety, connection.name):
            found[connection.name] = _told(connection.name, moved)
    return found


def keep(run: Run, name: str, whole: Collection[bool]) -> None:
    """Keep the fingerprint of a connection that was read. ``whole``: whether each of its reads was.

    The first is kept with anything that was read whole; one that was accepted in its place when all was, so that
    nothing of the other account stands beside it.
    """
    here, kept = fingerprint(run.config.connections[name]), run.safety.fingerprint(name)
    if here != kept and whole and (all(whole) if kept else any(whole)):
        run.safety.keep_fingerprint(name, here, run.clock.now())


def _at_stake(safety: SafetyRecord, name: str) -> bool:
    return any(safety.linked_ids(name, entity) for entity in Entity) or any(
        one.intent.connection == name for one in safety.open_intents()
    )


def _told(name: str, moved: Iterable[str]) -> str:
    return (
        f"another account than the one that its records are linked with ({'; '.join(moved)}): nothing is read into "
        "them or written by them. What to do: put it back; give another account a connection name of its own; or, if "
        f"this is the same account at another address: orgweave pull {name} --accept-shrink {name}"
    )


def _plain(told: Mapping[str, Any], key: str) -> object:
    """A part of a fingerprint as it compares: an address by host, port and path."""
    if key != "base_url":
        return told.get(key)
    parts = urlsplit(str(told.get(key)))
    return parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme), parts.path.rstrip("/")
