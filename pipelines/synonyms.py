"""The operator's aliases: ``aliases.toml``, names that mean the same and that no string distance can join."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mappings.aliases import NONE, Aliases
from mappings.model import Entity
from pipelines.errors import UsageError

FILE = "aliases.toml"


def load_aliases(folder: Path, named: str | None, kinds: Mapping[str, Entity]) -> Mapping[Entity, Aliases]:
    """The aliases of every kind. ``named``: the file, from ``[workspace] aliases``; without it ``FILE`` may be missing.

    Raises ``UsageError`` that names the file and the key.
    """
    path = folder / (named or FILE)
    if named is None and not path.is_file():
        return dict.fromkeys(Entity, NONE)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as fault:
        remedy = "What to do: put it there, or take the key out"
        raise UsageError(f"workspace.aliases: {path}: cannot be read: {fault.strerror}. {remedy}") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise UsageError(f"{path}: not TOML: {fault}") from fault
    for key in document:
        if key not in kinds:
            raise UsageError(f"{path}: unknown table {key}; one of {', '.join(kinds)}")
    return dict.fromkeys(Entity, NONE) | {
        kind: _aliases(path, name, document[name]) for name, kind in kinds.items() if name in document
    }


def _aliases(path: Path, name: str, table: Any) -> Aliases:
    if not isinstance(table, dict):
        raise UsageError(f"{path}: {name} is a table: [{name}]")
    found = Aliases()
    for key, others in table.items():
        names = [others] if isinstance(others, str) else others
        if not isinstance(names, list) or not names or not all(isinstance(one, str) for one in names):
            raise UsageError(f'{path}: {name}."{key}": expected a name, or a list of names')
        try:
            found.add((key, *names))
        except ValueError as fault:
            raise UsageError(f'{path}: {name}."{key}": {fault}') from fault
    return found
