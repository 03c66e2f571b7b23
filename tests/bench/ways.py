"""The ways that are measured, by the names that the command line takes."""

from enum import StrEnum


class Way(StrEnum):
    """One way of getting all tasks into a DuckDB file."""

    OURS = "ours"
    LANDED = "ours_landed"
    FLOOR = "floor"
    ARROW_APPEND = "dlt_arrow_append"
    ARROW_MERGE = "dlt_arrow_merge"
    PARQUET = "dlt_parquet"
    DEFAULT = "dlt_default"


TITLES = {
    Way.OURS: "orgweave pull",
    Way.LANDED: "  of it, to the shadows",
    Way.FLOOR: "floor by hand",
    Way.ARROW_APPEND: "dlt, Arrow tables, append",
    Way.ARROW_MERGE: "dlt, Arrow tables, merge",
    Way.PARQUET: "dlt rest_api, parquet loader",
    Way.DEFAULT: "dlt rest_api, default loader",
}
SLOW = frozenset({Way.PARQUET, Way.DEFAULT})
"""They fetch page after page and unpack records in Python: fewer rounds tell enough."""
