"""One configured account: ``[connections.<name>]`` of the configuration, checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mappings.card import Card, Pace, Rate
from pipelines.errors import UsageError
from pipelines.sections import ConnectionSection, PaceSection, duration
from pipelines.strict import converted, known
from sources.errors import BrokenVendor
from sources.registry import broken, load_vendor, vendor_names
from sources.vendor import Vendor

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class ConnectionConfig:
    """One configured account, checked: the vendor as its options have it, and the capability card that they give.

    ``base_url`` is empty where the vendor has none; ``root`` is the folder of the configuration.
    """

    name: str
    vendor: Vendor
    card: Card
    base_url: str
    options: Mapping[str, str | int]
    apply_disabled: bool
    full_every: timedelta
    root: Path = Path()


def connection(name: str, table: Any, root: Path) -> ConnectionConfig:
    """One ``[connections.<name>]``, checked. Raises ``UsageError``."""
    where = f"connections.{name}"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UsageError(f"{where}: a connection's name is lower-case letters, digits and _, a letter first")
    if not isinstance(table, dict):
        raise UsageError(f"{where} is a table: [{where}]")
    vendor = named(table.get("vendor"), f"{where}.vendor")
    for key in {key for group in vendor.secrets for key in group} & table.keys():
        variable = f"CONNECTIONS__{name}__{key}".upper()
        raise UsageError(
            f"{where}.{key}: a secret does not stand here. What to do: put it into ${variable} or .dlt/secrets.toml"
        )
    common = ConnectionSection.__struct_fields__
    known(table, (*common, *vendor.options), f"{where}.")
    if isinstance(pace := table.get("pace"), dict):
        known(pace, PaceSection.__struct_fields__, f"{where}.pace.")
    section = converted({key: value for key, value in table.items() if key in common}, ConnectionSection, where)
    options = {key: value for key, value in table.items() if key in vendor.options}
    for key, (form, required) in vendor.options.items():
        if required and key not in options:
            raise UsageError(f"{where}.{key} is missing: {vendor.title} needs it")
        if key in options and (not isinstance(options[key], form) or isinstance(options[key], bool)):
            raise UsageError(f"{where}.{key}: expected {form.__name__}, got {type(options[key]).__name__}")
    card = _card(vendor, options, where)
    card = Card(card.vendor, card.entities, _pace(card.pace, section.pace, f"{where}.pace"))
    return ConnectionConfig(
        name=name,
        vendor=vendor.fitted(options),
        card=card,
        base_url=_address(vendor, section.base_url, where),
        options=options,
        apply_disabled=section.apply_disabled,
        full_every=duration(section.full_every, f"{where}.full_every"),
        root=root,
    )


def named(name: object, where: str) -> Vendor:
    """The vendor of this name. Raises ``UsageError`` that lists those there are, or tells why it cannot be used."""
    try:
        return load_vendor(str(name))
    except KeyError:
        raise UsageError(f"{where}: {name!r} is not one of {', '.join(vendor_names())}") from None
    except BrokenVendor as fault:
        raise UsageError(f"{where}: {fault}") from fault


def _card(vendor: Vendor, options: Mapping[str, str | int], where: str) -> Card:
    try:
        card, resources = vendor.card(options), vendor.fitted(options).resources
    except ValueError as fault:
        raise UsageError(f"{where}: {fault}") from fault
    except Exception as fault:
        raise UsageError(f"{where}.vendor: {broken(vendor.name, fault)}") from fault
    if unheld := card.entities.keys() - {one.entity for one in resources}:
        lack = LookupError(f"its card has {min(unheld)}s, and no resource of it")
        raise UsageError(f"{where}.vendor: {broken(vendor.name, lack)}")
    return card


def _address(vendor: Vendor, text: str | None, where: str) -> str:
    if vendor.address and text is None:
        raise UsageError(f"{where}.base_url is missing: {vendor.title} needs it")
    if not vendor.address and text is not None:
        raise UsageError(f"{where}.base_url: {vendor.title} has no address; leave the key out")
    return "" if text is None else _base_url(text, where)


def _base_url(text: str, where: str) -> str:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # half a bracket, a port that is no number or too large
        host, port = "", None
    plain = re.fullmatch(r"[\w.:-]+", host) and text.isprintable() and port != 0
    if not plain or parts.scheme not in ("http", "https") or parts.query or parts.fragment or "@" in text:
        raise UsageError(f"{where}.base_url: expected https://host[:port][/path], without credentials or query")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise UsageError(f"{where}.base_url: http would send secrets in the clear; https, or a loopback address")
    return text.rstrip("/")


def _pace(documented: Pace, override: PaceSection, where: str) -> Pace:
    for key in override.__struct_fields__:
        if (value := getattr(override, key)) is not None and value < 1:
            raise UsageError(f"{where}.{key}: at least 1")
    reads, writes = override.reads_per_minute, override.writes_per_minute
    return Pace(
        reads=Rate(reads, 60) if reads else documented.reads,
        writes=Rate(writes, 60) if writes else documented.writes,
        writes_per_day=override.writes_per_day or documented.writes_per_day,
        concurrency=override.concurrency or documented.concurrency,
        writers=override.concurrency or documented.writers,
        shared=documented.shared and not writes,
    )
