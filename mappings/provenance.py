"""What the view ``org.provenance`` is made of: one row of a record that stands alone, whose values are published.

Six rows a task, written out, took half of the time of publishing, and of the file.
"""

from collections.abc import Mapping

from mappings.tables import TABLES, Table

VIEW = "org.provenance"

_SHOWN = "Ask org.provenance, which is made of it."
_FIELD = ("VARCHAR", "The column.")
_ENTITY = ("VARCHAR", "department, team, task or person.")
_CONNECTION = ("VARCHAR", "The configured account.")
_RULE = ("VARCHAR", "The rule by which it survived.")

PARTS: Mapping[str, Table] = {
    "org.provenance_merged": Table(
        f"The provenance of records that several accounts hold, or of which somebody gave a value. {_SHOWN}",
        TABLES[VIEW].columns,
    ),
    "org.provenance_single": Table(
        f"The records that one account holds: all their values are its own. {_SHOWN}",
        {
            "entity": _ENTITY,
            "canonical_id": ("VARCHAR", "The canonical record."),
            "connection": _CONNECTION,
            "source_id": ("VARCHAR", "The vendor's id of the record there."),
            "seen": ("INTEGER[]", "Of each field, by its place: org.provenance_runs.number."),
        },
    ),
    "org.provenance_rules": Table(
        f"Which fields an account has a say on, and by which rule they survive. {_SHOWN}",
        {
            "connection": _CONNECTION,
            "entity": _ENTITY,
            "field": _FIELD,
            "place": ("INTEGER", "Its place in org.provenance_single.seen, from 1."),
            "rule": _RULE,
        },
    ),
    "org.provenance_runs": Table(
        f"The runs that first saw a value survive, numbered. {_SHOWN}",
        {"number": ("INTEGER", "Its number."), "run_id": ("VARCHAR", "ops.runs.run_id.")},
    ),
}
"""The tables beneath the view, in the order in which they are listed."""
