"""The form of ``orgweave.toml``: one class a table, defaults as in CONTRACT.md, section 1."""

from typing import Literal

import msgspec

from mappings.naming import Naming


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table that knows its keys."""


class WorkspaceSection(Section, frozen=True):
    """``[workspace]``."""

    dir: str = ".orgweave"
    publish: str = "org.duckdb"
    settle: str = "120s"


class PaceSection(Section, frozen=True):
    """``[connections.<name>.pace]``: overrides of the vendor's documented limits."""

    reads_per_minute: int | None = None
    writes_per_minute: int | None = None
    writes_per_day: int | None = None
    concurrency: int | None = None


class ConnectionSection(Section, frozen=True):
    """The keys that every connection knows; the vendor's own options stand beside them."""

    vendor: str
    base_url: str
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
