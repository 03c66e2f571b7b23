"""The SQL of the mapping layer, by name: one SELECT a file, values bound and never pasted."""

from functools import cache
from importlib.resources import files


@cache
def query(name: str) -> str:
    """The text of ``<name>.sql`` in this package: ``"udesk"``, ``"sql/survivors"``, ``"org/departments"``."""
    return files("mappings").joinpath(f"{name}.sql").read_text(encoding="utf-8")
