"""Where secrets belong that a person types: ``.dlt/secrets.toml`` beside the configuration, for nobody else to read."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pipelines.errors import UsageError
from state.swapping import swap_in

PRIVATE = 0o600


def place(config: Path) -> Path:
    """The file of secrets beside a configuration."""
    return config.parent / ".dlt" / "secrets.toml"


def variable_of(name: str, key: str) -> str:
    """The environment variable that holds a secret of a connection."""
    return f"CONNECTIONS__{name}__{key}".upper()


def standing(config: Path) -> Mapping[str, Mapping[str, object]]:
    """The secrets that stand in the file, by connection. Raises ``UsageError`` that names none of them."""
    path = place(config)
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except OSError as fault:
        raise UsageError(f"{path}: cannot be read: {fault.strerror}. What to do: check its owner and rights") from None
    except ValueError as fault:  # tells the place, and of the text one character or a key at most
        raise UsageError(f"{path}: cannot be read as TOML: {fault}. What to do: mend it, or move it away") from None
    tables = found.get("connections", {})
    return tables if isinstance(tables, dict) else {}


def exposed(config: Path) -> str | None:
    """What to say of a file of secrets that others than its owner may open; None where all is well."""
    path = place(config)
    try:
        mode = path.stat().st_mode & 0o777
    except OSError:  # none, or none that we may see
        return None
    return f"{path}: others may open it (mode {mode:o}). What to do: chmod 600 {path}" if mode & 0o077 else None


def put_secrets(config: Path, typed: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Add the secrets of these connections; what stands there stays. Returns the connections that were added.

    Raises ``UsageError`` that names no secret where the file cannot be read or written.
    """
    path = place(config)
    known = standing(config)
    fresh = {name: keys for name, keys in typed.items() if keys and name not in known}
    if not fresh:
        return []
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    tables = "\n".join(_table(name, keys) for name, keys in fresh.items())
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        ignore = path.with_name(".gitignore")
        if not ignore.exists():
            ignore.write_text("secrets.toml\n", encoding="utf-8")
        if path.exists():
            path.chmod(PRIVATE)
        swap_in(path, "\n".join(filter(None, (text.rstrip("\n"), tables))), mode=PRIVATE)
    except OSError as fault:
        remedy = "What to do: check the folder and its rights, then add the secrets by hand"
        raise UsageError(f"{path}: cannot be written: {fault.strerror}. {remedy}") from fault
    return list(fresh)


def _table(name: str, keys: Mapping[str, str]) -> str:
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items()]
    return "\n".join([f"[connections.{name}]", *lines, ""])
