"""Secrets come through dlt's own providers: the environment, ``.dlt/secrets.toml`` beside the config, a vault."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from pipelines.config import FILE, Config, ConnectionConfig
from pipelines.errors import UsageError
from pipelines.init_secrets import standing
from sources.secret import Secret


def set_up_dlt(config: Config) -> None:
    """Tell dlt where it lives and what not to do, before its first import."""
    folder = config.workspace / "dlt"
    os.environ.update(
        DLT_PROJECT_DIR=str(config.path.parent),
        DLT_DATA_DIR=str(folder),
        RUNTIME__DLTHUB_TELEMETRY="false",
        RUNTIME__LOG_LEVEL="ERROR",
        SCHEMA__NAMING="duck_case",  # its default naming destroys Chinese names
        LOAD__DELETE_COMPLETED_JOBS="true",
    )


def resolve(config: Config, names: Iterable[str]) -> dict[str, dict[str, Secret]]:
    """The secrets of these connections. Raises ``UsageError`` that names what is missing and where to put it.

    What stands in the environment is taken from there: that is dlt's first provider, and to import dlt for the others
    takes more than a second.
    """
    set_up_dlt(config)
    return {name: _of(config.connections[name]) for name in names}


def one(config: Config, key: str) -> Secret | None:
    """A secret that is no account's, such as ``notify.webhook``; None where no provider holds it."""
    set_up_dlt(config)
    text = _from_environment(key) or _from_dlt(key)
    return Secret(plain(key, text)) if text else None


def _from_environment(key: str) -> str | None:
    return os.environ.get(_variable(key))


def _from_dlt(key: str) -> str | None:
    import dlt
    from dlt.common.configuration.exceptions import ConfigurationException

    try:
        found = dlt.secrets[key]
    except KeyError:
        return None
    except ConfigurationException as fault:
        standing(Path(os.environ["DLT_PROJECT_DIR"]) / FILE)  # tells the line, where it is the file beside the config
        text = next(iter(str(fault).splitlines()), "").rstrip(": ")
        raise UsageError(f"a provider of secrets cannot be read: {text}. What to do: mend .dlt/secrets.toml") from fault
    return plain(key, str(found)) if found not in (None, "") else None


def _of(connection: ConnectionConfig) -> dict[str, Secret]:
    missing: list[str] = []
    for lookup in (_from_environment, _from_dlt):
        found, missing = _looked_up(connection, lookup)
        if not missing:  # where the vendor has no secrets, nothing is
            return found
    raise UsageError(
        f"{connection.name}: a secret is missing. What to do: set {', or '.join(missing)} in the environment, "
        f"or the same keys under [connections.{connection.name}] in .dlt/secrets.toml"
    )


def _looked_up(
    connection: ConnectionConfig, lookup: Callable[[str], str | None]
) -> tuple[dict[str, Secret], list[str]]:
    """The first alternative that is whole; where none is, what is missing of each."""
    missing: list[str] = []
    for group in connection.vendor.alternatives(connection.options):
        names = {key: f"connections.{connection.name}.{key}" for key in group}
        found = {key: text for key, name in names.items() if (text := lookup(name))}
        if len(found) == len(group):
            return {key: Secret(plain(names[key], text)) for key, text in found.items()}, []
        missing.append(" + ".join(_variable(name) for key, name in names.items() if key not in found))
    return {}, missing


def plain(key: str, text: str) -> str:
    """The secret, if it can be one: a line break that a copy left, or a letter no header takes, is told as such."""
    if text != text.strip() or not text.isprintable() or (key.endswith("token") and not text.isascii()):
        raise UsageError(
            f"{key}: the secret has blanks, line breaks or letters that cannot be in it. What to do: set it again"
        )
    return text


def _variable(key: str) -> str:
    return key.replace(".", "__").upper()
