"""``migration.toml``: the choices of a migration in a file that can be committed. What a flag says wins over it."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from pipelines.errors import UsageError
from pipelines.sections import Section
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


def _read(file: Path) -> Choices:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8-sig"))
        known(table, _File.__struct_encode_fields__, "")
        form = converted(table, _File, "")
    except OSError as fault:
        raise UsageError(f"--file {file}: cannot be read: {fault.strerror}. What to do: check the path") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise UsageError(f"{file}: not TOML in UTF-8: {fault}. What to do: mend that line") from fault
    except UsageError as fault:
        text = str(fault).removesuffix("?")
        raise UsageError(f"{file}: {text}. What to do: mend that key; docs/migrate.md lists them") from fault
    if form.sample is not None and form.sample < 1:
        raise UsageError(f"{file}: sample: {form.sample} is no number of records. What to do: 1 or more")
    here = file.absolute().parent
    places = {name: here / place if (place := getattr(form, name)) else None for name in ("people", "markdown", "csv")}
    return Choices(**{one.name: places.get(one.name, getattr(form, one.name)) for one in fields(Choices)})
