"""The configuration: ``orgweave.toml``, read and checked (CONTRACT.md, section 1). Secrets never stand in it."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from mappings.aliases import Aliases
from mappings.limits import Limits
from mappings.model import Entity
from pipelines.accounts import ConnectionConfig, connection
from pipelines.errors import UsageError
from pipelines.operating import Operating, operating
from pipelines.sections import (
    KindSection,
    LimitsSection,
    PeopleSection,
    ProtectSection,
    WorkspaceSection,
    duration,
    is_duckdb,
    limit_of,
)
from pipelines.strict import known, section
from pipelines.synonyms import load_aliases

__all__ = ["FILE", "KINDS", "Config", "ConnectionConfig", "check_document", "find", "load", "place"]

FILE = "orgweave.toml"
KINDS: Mapping[str, Entity] = {"departments": Entity.DEPARTMENT, "teams": Entity.TEAM, "tasks": Entity.TASK}


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
    operating: Operating


def place(explicit: Path | None) -> Path:
    """Where the configuration is looked for: ``--config``, ``ORGWEAVE_CONFIG``, or ``orgweave.toml`` here.

    Raises ``UsageError`` where a folder is named.
    """
    path = (explicit or Path(os.environ.get("ORGWEAVE_CONFIG") or FILE)).absolute()
    if path.is_dir():
        raise UsageError(f"{path}: is a folder. What to do: name the file in it, such as {path / FILE}")
    return path


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
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        remedy = "What to do: check its owner and its rights"
        raise UsageError(f"{path}: cannot be read: {fault.strerror}. {remedy}") from fault
    except UnicodeDecodeError as fault:
        raise UsageError(f"{path}: not TOML: {fault}. What to do: save it as UTF-8") from fault
    return check_document(path, text)


def check_document(path: Path, text: str) -> Config:
    """Check the text of a configuration that stands, or will stand, at ``path``. Raises ``UsageError`` as ``load``."""
    try:
        return judged(path, text)
    except tomllib.TOMLDecodeError as fault:
        raise UsageError(f"{path}: not TOML: {fault}. What to do: mend that line, then: orgweave check") from fault
    except UsageError as fault:
        told = f"{path}: {advised(str(fault), 'mend it, then: orgweave check')}"
        raise type(fault)(told) if type(fault) is UsageError else fault from None


def judged(path: Path, text: str) -> Config:
    """The same of a text that stands in no file yet: ``UsageError`` names the key alone; else ``tomllib``'s own."""
    return _config(path, tomllib.loads(text))


def advised(text: str, remedy: str) -> str:
    """An error with what to do, where it does not say that itself."""
    end = "" if text.endswith(("?", ".")) else "."
    return text if "What to do" in text else f"{text}{end} What to do: {remedy}"


def _config(path: Path, document: Mapping[str, Any]) -> Config:
    sections = ("workspace", "connections", *KINDS, "people", "limits", "protect", "notify", "metrics", "publish")
    known(document, sections, "")
    workspace = section(document, "workspace", WorkspaceSection)
    tables = document.get("connections", {})
    if not isinstance(tables, dict) or not tables:
        raise UsageError("no [connections.<name>]: name at least one account")
    connections = {name: connection(name, table, path.parent) for name, table in tables.items()}
    kinds = {entity: _kind(document, name, entity, connections) for name, entity in KINDS.items()}
    limits = section(document, "limits", LimitsSection)
    protect = section(document, "protect", ProtectSection)
    return Config(
        path=path,
        workspace=path.parent / workspace.dir,
        publish=_publish(path, workspace),
        settle=duration(workspace.settle, "workspace.settle"),
        connections=connections,
        kinds=kinds,
        limits=Limits(*(limit_of(getattr(limits, kind), kind) for kind in ("creates", "renames", "deletes"))),
        protect={entity: getattr(protect, name) for name, entity in KINDS.items()},
        email=section(document, "people", PeopleSection).email,
        aliases=load_aliases(path.parent, workspace.aliases, KINDS),
        operating=operating(path, document, workspace),
    )


def _publish(path: Path, workspace: WorkspaceSection) -> Path:
    """Where the published file stands: nothing but an earlier one is ever replaced by it."""
    place = path.parent / workspace.publish
    if place.is_dir() or (path.parent / workspace.dir).resolve() in place.resolve().parents:
        raise UsageError(f"workspace.publish: {place} is a folder, or in the workspace; name a file beside it")
    if place.is_file() and not is_duckdb(place):
        raise UsageError(f"workspace.publish: {place} is a file of another kind, and would be lost")
    return place


def _kind(
    document: Mapping[str, Any], name: str, entity: Entity, connections: Mapping[str, ConnectionConfig]
) -> KindSection:
    kind = section(document, name, KindSection)
    for key in ("authority", "write_to"):
        for one in getattr(kind, key):
            if one not in connections:
                raise UsageError(f"{name}.{key}: there is no [connections.{one}]")
            if entity not in connections[one].card.entities:
                raise UsageError(f"{name}.{key}: {connections[one].vendor.title} ({one}) holds no {name}")
    return kind
