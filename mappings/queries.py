"""The SQL of the mapping layer, by name: one SELECT a file, values bound and never pasted."""

from functools import cache
from importlib.resources import files


@cache
def query(name: str) -> str:
    """The text of ``<name>.sql`` in this package: ``"udesk"``, ``"sql/merged"``, ``"org/departments"``."""
    return files("mappings").joinpath(f"{name}.sql").read_text(encoding="utf-8")


@cache
def names(folder: str) -> tuple[str, ...]:
    """The queries of a folder of this package, in the order of their names: ``"audits"``."""
    found = files("mappings").joinpath(folder).iterdir()
    return tuple(sorted(one.name.removesuffix(".sql") for one in found if one.name.endswith(".sql")))
