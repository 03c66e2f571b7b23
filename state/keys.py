"""Which records a table of the working database holds, told in a few figures: the same figures, the same records.

Each key is hashed, and the hashes are added up: a hundredth part of the work of joining two tables of a million rows.
"""

import duckdb

_SUM = "SELECT concat_ws('+', count(*), sum(hash({columns}))) FROM {table}"


def shadow_keys(db: duckdb.DuckDBPyConnection) -> str:
    """Which remote records were ever seen."""
    return _sum(db, "connection, entity, source_id", "shadow.records")


def link_keys(db: duckdb.DuckDBPyConnection) -> str:
    """Which of them is linked to which canonical record."""
    return _sum(db, "connection, entity, source_id, canonical_id", "live.links")


def golden_keys(db: duckdb.DuckDBPyConnection) -> str:
    """Which canonical records there are."""
    return _sum(db, "entity, canonical_id", "golden.records")


def _sum(db: duckdb.DuckDBPyConnection, columns: str, table: str) -> str:
    return str(db.execute(_SUM.format(columns=columns, table=table)).fetchall()[0][0])
