"""Which intent of the journal a write request belongs to, and which change of a plan an intent carries out."""

from collections.abc import Mapping
from typing import Any

from mappings.model import Op, Value
from mappings.naming import same
from sources.twin import TwinRequest
from state.safety import Intent

WORDS = {"name": ("name", "Name"), "description": ("description", "Description"), "parent_id": ("parent_id",)}


def announces(intent: Intent, request: TwinRequest, told: Mapping[str, Any]) -> bool:
    """Whether a write request, whose body tells this, is the one that an intent announced."""
    if intent.op == Op.CREATE:
        fits = request.method == "POST" and ("parent_id" in intent.payload or not told.get("parent_id"))
    else:
        key = request.path.rpartition("/")[2]
        fits = request.method != "POST" and str(intent.source_id) in (key, str(told.get("Id")))
    return fits and (
        request.method == "DELETE" or all(_says(told, one, value) for one, value in intent.payload.items())
    )


def _says(told: Mapping[str, Any], one: str, value: Value) -> bool:
    given = next((told[word] for word in WORDS.get(one, ()) if word in told), None)
    if one == "parent_id":
        return str(given or "") == str(value or "")
    return given == value or (value is None and given in (None, "(no description)")) or one == "active"


def carries(after: Mapping[str, Value], payload: Mapping[str, Value]) -> bool:
    """Whether an intent's payload is what the plan said; a reference is a source id by then."""
    plain = after.keys() == payload.keys()
    return plain and all(same(value, payload[one]) for one, value in after.items() if not one.endswith("_id"))
