"""Which intent of the journal a write request belongs to, and which change of a plan an intent carries out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from mappings.model import Op, Value
from mappings.naming import same
from sources.twin import TwinRequest
from state.safety import Intent
from tests.simulate.vendors import Record, Truth

T = TypeVar("T")
EMPTY = (None, 0, "(no description)")
WORDS = {"name": ("name", "Name"), "description": ("description", "Description"), "parent_id": ("parent_id",)}


@dataclass(frozen=True, slots=True)
class Write:
    """A write request that left: the intent that announced it, and the change of a plan that called for it."""

    name: str
    request: TwinRequest
    intent: Intent
    change: Mapping[str, Any]
    listed: Truth  # what had been listed, and seen, when it was begun: later looks were of others side by side
    seen: Record | None


def before(looks: list[tuple[datetime, T]], moment: datetime) -> T | None:
    """What the last look told that was answered by then."""
    return next((told for when, told in reversed(looks) if when <= moment), None)


def announces(intent: Intent, request: TwinRequest, told: Mapping[str, Any]) -> bool:
    """Whether a write request, whose body tells this, is the one that an intent announced."""
    if intent.op == Op.CREATE:
        named = {one for one, words in WORDS.items() if any(told.get(word) not in EMPTY for word in words)}
        fits = request.method == "POST" and named <= intent.payload.keys()
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
