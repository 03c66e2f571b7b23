"""``migration.toml``: the choices of a migration in a file that can be committed. What a flag says wins over it."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pipelines.errors import UsageError
from pipelines.sections import Section, duration
from pipelines.strict import converted, known


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen, by flags or in a file; None: nothing was said."""

    source: str | None = None
    target: str | None = None
    only: Sequence[str] | None = None
    into: str | None = None
    people: Path | None = None
    subtree: str | None = None
    sample: int | None = None
    shorten: bool | None = None
    fail_on_loss: Sequence[str] | None = None
    rehearse: bool | None = None
    markdown: Path | None = None
    csv: Path | None = None
    max_wait: str | None = None


class _File(Section, frozen=True, rename={"source": "from", "target": "to", "into": "as"}):
    """The keys of the file: the flags of the same name. A consent (``--yes``) is not among them."""

    source: str | None = None
    target: str | None = None
    only: tuple[str, ...] | None = None
    into: str | None = None
    people: str | None = None
    subtree: str | None = None
    sample: int | None = None
    shorten: bool | None = None
    fail_on_loss: tuple[str, ...] | None = None
    rehearse: bool | None = None
    markdown: str | None = None
    csv: str | None = None
    max_wait: str | None = None


def chosen(flags: Choices, file: Path | None) -> Choices:
    """The flags, and where they say nothing the file. Raises ``UsageError`` that names the file and the key."""
    if file is None:
        return flags
    told = _read(file)
    values = {one.name: getattr(flags, one.name) for one in fields(Choices)}
    return Choices(**{name: getattr(told, name) if value is None else value for name, value in values.items()})


_SECRET = re.compile("token|secret|passw|api_?key|credential|^email$", re.IGNORECASE)


def _without_secrets(table: Mapping[str, Any]) -> None:
    """Raise ``UsageError`` for a secret; its value is not told."""
    for key in _keys(table):
        if _SECRET.search(key):
            raise UsageError(
                f"{key}: no secret stands here, for this file may be committed. What to do: take it out (have a new "
                "one made if others saw it). It belongs into "
                f"$CONNECTIONS__<ACCOUNT>__{key.upper()} or .dlt/secrets.toml"
            )


def _keys(table: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        yield key
        if isinstance(value, dict):
            yield from _keys(value)


def _read(file: Path) -> Choices:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8-sig"))
        _without_secrets(table)
        known(table, _File.__struct_encode_fields__, "")
        form = converted(table, _File, "")
        duration(form.max_wait or "0s", "max_wait")
    except OSError as fault:
        raise UsageError(f"--file {file}: cannot be read: {fault.strerror}. What to do: check the path") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise UsageError(f"{file}: not TOML in UTF-8: {fault}. What to do: mend that line") from fault
    except UsageError as fault:
        text = str(fault).removesuffix("?")
        remedy = "" if "What to do" in text else ". What to do: mend that key; docs/migrate.md lists them"
        raise UsageError(f"{file}: {text}{remedy}") from fault
    if form.sample is not None and form.sample < 1:
        raise UsageError(f"{file}: sample: {form.sample} is no number of records. What to do: 1 or more")
    here = file.absolute().parent
    places = {name: here / place if (place := getattr(form, name)) else None for name in ("people", "markdown", "csv")}
    return Choices(**{one.name: places.get(one.name, getattr(form, one.name)) for one in fields(Choices)})
