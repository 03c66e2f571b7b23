"""The configuration: ``orgweave.toml``, read and checked (CONTRACT.md, section 1). Secrets never stand in it."""

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from mappings.aliases import Aliases
from mappings.card import Card, Pace, Rate
from mappings.limits import Limits
from mappings.model import Entity
from pipelines.errors import NotYetError, UsageError
from pipelines.sections import (
    ConnectionSection,
    KindSection,
    LimitsSection,
    PaceSection,
    PeopleSection,
    ProtectSection,
    Section,
    WorkspaceSection,
    choices,
    duration,
    is_duckdb,
    limit_of,
)
from pipelines.synonyms import load_aliases
from sources import VENDORS, load_vendor
from sources.vendor import Vendor

FILE = "orgweave.toml"
KINDS: Mapping[str, Entity] = {"departments": Entity.DEPARTMENT, "teams": Entity.TEAM, "tasks": Entity.TASK}
LOOPBACK = ("127.0.0.1", "localhost", "::1")

S = TypeVar("S", bound=Section)


@dataclass(frozen=True, slots=True)
class ConnectionConfig:
    """One configured account, checked: the vendor's declaration and the capability card that its options give."""

    name: str
    vendor: Vendor
    card: Card
    base_url: str
    options: Mapping[str, str | int]
    apply_disabled: bool
    full_every: timedelta


@dataclass(frozen=True, slots=True)
class Config:
    """A whole configuration, checked. Paths are absolute. ``email``: whether people's e-mail addresses are kept."""

    path: Path
    workspace: Path
    publish: Path
    settle: timedelta
    connections: Mapping[str, ConnectionConfig]
    kinds: Mapping[Entity, KindSection]
    limits: Limits
    protect: Mapping[Entity, tuple[str, ...]]
    email: bool
    aliases: Mapping[Entity, Aliases]


def place(explicit: Path | None) -> Path:
    """Where the configuration is looked for: ``--config``, ``ORGWEAVE_CONFIG``, or ``orgweave.toml`` here."""
    return (explicit or Path(os.environ.get("ORGWEAVE_CONFIG") or FILE)).absolute()


def find(explicit: Path | None) -> Path:
    """The configuration file. Raises ``UsageError`` when it is not there."""
    path = place(explicit)
    if path.is_file():
        return path
    remedy = (
        "check the path"
        if explicit or os.environ.get("ORGWEAVE_CONFIG")
        else "`orgweave init` writes one, `orgweave demo` shows the whole loop without one"
    )
    raise UsageError(f"{path}: there is no such file. What to do: {remedy}")


def load(path: Path) -> Config:
    """Read and check a configuration. Raises ``UsageError`` that names the file, the key and the remedy."""
    try:
        return _config(path, tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as fault:
        raise UsageError(f"{path}: cannot be read: {fault.strerror}") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise UsageError(f"{path}: not TOML: {fault}") from fault
    except UsageError as fault:
        raise type(fault)(f"{path}: {fault}") if type(fault) is UsageError else fault from None


def _config(path: Path, document: Mapping[str, Any]) -> Config:
    sections = ("workspace", "connections", *KINDS, "people", "limits", "protect")
    _known(document, sections, "")
    workspace = _section(document, "workspace", WorkspaceSection)
    tables = document.get("connections", {})
    if not isinstance(tables, dict) or not tables:
        raise UsageError("no [connections.<name>]: name at least one account")
    connections = {name: _connection(name, table) for name, table in tables.items()}
    kinds = {entity: _kind(document, name, entity, connections) for name, entity in KINDS.items()}
    limits = _section(document, "limits", LimitsSection)
    protect = _section(document, "protect", ProtectSection)
    return Config(
        path=path,
        workspace=path.parent / workspace.dir,
        publish=_publish(path, workspace),
        settle=duration(workspace.settle, "workspace.settle"),
        connections=connections,
        kinds=kinds,
        limits=Limits(*(limit_of(getattr(limits, kind), kind) for kind in ("creates", "renames", "deletes"))),
        protect={entity: getattr(protect, name) for name, entity in KINDS.items()},
        email=_section(document, "people", PeopleSection).email,
        aliases=load_aliases(path.parent, workspace.aliases, KINDS),
    )


def _publish(path: Path, workspace: WorkspaceSection) -> Path:
    """Where the published file stands: nothing but an earlier one is ever replaced by it."""
    place = path.parent / workspace.publish
    if place.is_dir() or (path.parent / workspace.dir).resolve() in place.resolve().parents:
        raise UsageError(f"workspace.publish: {place} is a folder, or in the workspace; name a file beside it")
    if place.is_file() and not is_duckdb(place):
        raise UsageError(f"workspace.publish: {place} is a file of another kind, and would be lost")
    return place


def _known(table: Mapping[str, Any], valid: Iterable[str], where: str) -> None:
    for key in table:
        if key not in valid:
            near = difflib.get_close_matches(key, list(valid), n=1, cutoff=0.0)
            hint = f"did you mean {where}{near[0]}?" if near else "no key is known here"
            raise UsageError(f"unknown key {where}{key}; {hint}")


def _section(document: Mapping[str, Any], name: str, form: type[S]) -> S:
    table = document.get(name, {})
    if not isinstance(table, dict):
        raise UsageError(f"{name} is a table: [{name}]")
    _known(table, form.__struct_fields__, f"{name}.")
    return _converted(table, form, name)


def _converted(table: Mapping[str, Any], form: type[S], where: str) -> S:
    try:
        return msgspec.convert(table, form)
    except msgspec.ValidationError as fault:
        text, _, key = str(fault).partition(" - at `$")
        text += choices(form, key.strip(".`"))
        at = f"{where}{key.rstrip('`')}" if key else where
        raise UsageError(f"{at}: {text}") from fault


def _connection(name: str, table: Any) -> ConnectionConfig:
    where = f"connections.{name}"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UsageError(f"{where}: a connection's name is lower-case letters, digits and _, a letter first")
    if not isinstance(table, dict):
        raise UsageError(f"{where} is a table: [{where}]")
    vendor_name = table.get("vendor")
    if not isinstance(vendor_name, str) or vendor_name not in VENDORS:
        raise UsageError(f"{where}.vendor: {vendor_name!r} is not one of {', '.join(VENDORS)}")
    vendor = load_vendor(vendor_name)
    for key in {key for group in vendor.secrets for key in group} & table.keys():
        variable = f"CONNECTIONS__{name}__{key}".upper()
        raise UsageError(f"{where}.{key}: a secret does not stand here; put it into ${variable} or .dlt/secrets.toml")
    common = ConnectionSection.__struct_fields__
    _known(table, (*common, *vendor.options), f"{where}.")
    if isinstance(pace := table.get("pace"), dict):
        _known(pace, PaceSection.__struct_fields__, f"{where}.pace.")
    section = _converted({key: value for key, value in table.items() if key in common}, ConnectionSection, where)
    options = {key: value for key, value in table.items() if key in vendor.options}
    for key, (form, required) in vendor.options.items():
        if required and key not in options:
            raise UsageError(f"{where}.{key} is missing: {vendor.title} needs it")
        if key in options and (not isinstance(options[key], form) or isinstance(options[key], bool)):
            raise UsageError(f"{where}.{key}: expected {form.__name__}, got {type(options[key]).__name__}")
    try:
        card = vendor.card(options)
    except ValueError as fault:
        raise UsageError(f"{where}: {fault}") from fault
    card = Card(card.vendor, card.entities, _pace(card.pace, section.pace, f"{where}.pace"))
    return ConnectionConfig(
        name=name,
        vendor=vendor,
        card=card,
        base_url=_base_url(section.base_url, where),
        options=options,
        apply_disabled=section.apply_disabled,
        full_every=duration(section.full_every, f"{where}.full_every"),
    )


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
        shared=documented.shared and not writes,
    )


def _kind(
    document: Mapping[str, Any], name: str, entity: Entity, connections: Mapping[str, ConnectionConfig]
) -> KindSection:
    section = _section(document, name, KindSection)
    if section.on_missing != "keep":
        raise NotYetError(f'{name}.on_missing = "{section.on_missing}"')
    for key in ("authority", "write_to"):
        for one in getattr(section, key):
            if one not in connections:
                raise UsageError(f"{name}.{key}: there is no [connections.{one}]")
            if entity not in connections[one].card.entities:
                raise UsageError(f"{name}.{key}: {connections[one].vendor.title} ({one}) holds no {name}")
    return section
