"""The form of ``orgweave.toml``: one class a table, defaults as in CONTRACT.md, section 1."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import msgspec

from mappings.naming import Naming
from pipelines.errors import UsageError


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table that knows its keys."""


class WorkspaceSection(Section, frozen=True):
    """``[workspace]``."""

    dir: str = ".orgweave"
    publish: str = "org.duckdb"
    settle: str = "120s"
    aliases: str | None = None
    keep_runs: int = 90


class NotifySection(Section, frozen=True):
    """``[notify]``: who is told when what a command ends with becomes another thing."""

    command: tuple[str, ...] = ()
    webhook: str | None = None
    header: str = "Authorization"
    runs: tuple[Literal["sync", "pull", "plan", "apply", "migrate", "undo"], ...] = ("sync",)
    timeout: str = "10s"


class PublishSection(Section, frozen=True):
    """``[publish]``: the warehouses that the published tables are loaded into; ``prefix`` of their schemas there."""

    destinations: tuple[Literal["postgres", "motherduck", "bigquery", "snowflake"], ...] = ()
    prefix: str = ""


class MetricsSection(Section, frozen=True):
    """``[metrics]``: numbers for Prometheus."""

    file: str | None = None


class PaceSection(Section, frozen=True):
    """``[connections.<name>.pace]``: overrides of the vendor's documented limits."""

    reads_per_minute: int | None = None
    writes_per_minute: int | None = None
    writes_per_day: int | None = None
    concurrency: int | None = None


class ConnectionSection(Section, frozen=True):
    """The keys that every connection knows; the vendor's own options stand beside them."""

    vendor: str
    base_url: str | None = None
    apply_disabled: bool = False
    full_every: str = "24h"
    pace: PaceSection = PaceSection()


class KindSection(Section, frozen=True):
    """``[departments]``, ``[teams]``, ``[tasks]``."""

    authority: tuple[str, ...] = ()
    write_to: tuple[str, ...] = ()
    on_conflict: Literal["authority", "newest", "hold"] = "authority"
    on_missing: Literal["keep", "deactivate", "delete"] = "keep"
    naming: Naming = Naming.QUALIFY


class PeopleSection(Section, frozen=True):
    """``[people]``."""

    email: bool = False


Limit = int | str | tuple[int | str, ...]


class LimitsSection(Section, frozen=True):
    """``[limits]``."""

    creates: Limit = (1000, "50%")
    renames: Limit = (200, "30%")
    deletes: Limit = (20, "10%")


class ProtectSection(Section, frozen=True):
    """``[protect]``: names that no run may change."""

    departments: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()


def duration(text: str, where: str) -> timedelta:
    """A span such as ``120s``, ``15m``, ``24h`` or ``7d``."""
    parts = re.fullmatch(r"(\d+)([smhd])", text)
    if not parts:
        raise UsageError(f"{where}: {text!r} is not a duration such as 120s, 15m, 24h or 7d")
    unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[parts[2]]
    try:
        return timedelta(**{unit: int(parts[1])})
    except OverflowError:
        raise UsageError(f"{where}: {text!r} is longer than any duration") from None


def is_duckdb(place: Path) -> bool:
    """Whether a file is a DuckDB file, or empty: its header holds the word."""
    with place.open("rb") as file:
        header = file.read(12)
    return not header or header[8:] == b"DUCK"


def choices(form: type[Section], key: str) -> str:
    """The values that a key may have, as the end of an error; nothing where they are not a few names."""
    kind = get_type_hints(form).get(key)
    if get_origin(kind) is Literal:
        return f"; one of {', '.join(get_args(kind))}"
    return f"; one of {', '.join(Naming)}" if kind is Naming else ""


def limit_of(limit: Limit, kind: str) -> tuple[int | str, ...]:
    """A kind's limits, each a number or a share. Raises ``UsageError``."""
    limits = limit if isinstance(limit, tuple) else (limit,)
    if not limits:
        raise UsageError(f"limits.{kind}: an empty list is no limit; say how many, or leave the key out")
    for one in limits:
        if isinstance(one, int) and not isinstance(one, bool) and one >= 0:
            continue
        if isinstance(one, str) and re.fullmatch(r"(100|\d{1,2})(\.\d+)?%", one):
            continue
        raise UsageError(f'limits.{kind}: {one!r} is neither a number nor a share such as "10%"')
    return limits
