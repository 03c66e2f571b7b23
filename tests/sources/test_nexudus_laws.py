"""Laws of Nexudus's PUT, which replaces a record: whatever that holds, a change changes what it says and no more."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.model import NAME_FIELD, Entity, Value
from sources.nexudus.sandbox import NexudusTwin
from sources.nexudus.sandbox_records import KINDS, Kind, written
from sources.nexudus.settings import VENDOR
from sources.twin import Fault, TwinReply, TwinRequest
from tests.contract_ground import Execute
from tests.sources.nexudus_rig import PAGED, Rig, filled_twin

FOLLOW = {"UpdatedOn", "UpdatedBy", "ToStringText"}
"""What the vendor itself changes with a write or a name."""

LAWS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

texts = st.text(max_size=20)
names = texts.filter(lambda text: bool(text.strip()))
plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
anything = st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
numbers = st.lists(st.integers(1, 2**40), max_size=5, unique=True)
moments = st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
custom = st.none() | st.fixed_dictionaries(
    {"Data": st.lists(st.fixed_dictionaries({"Name": texts, "Value": plain}), max_size=3)}
)
strange = st.dictionaries(texts.map(lambda text: f"Future {text}"), anything, max_size=4)
"""Fields that no document names: somebody adds one at the vendor, and nobody here knows it."""


def told(kind: Kind, people: Mapping[str, int]) -> st.SearchStrategy[dict[str, Any]]:
    """Everything that a record of a kind can hold, in the vendor's words."""
    fields: dict[str, st.SearchStrategy[Any]] = dict.fromkeys(kind.values, plain)
    fields |= {"Name": names, "BusinessId": st.just(123), "Description": names if kind.name != "Team" else texts}
    fields |= {name: st.just(people[name]) for name in ("CoworkerId", "ResponsibleId")}
    fields |= {"DueDate": st.none() | moments.map(written), "PayingMemberId": st.none()}
    fields = {name: strategy for name, strategy in fields.items() if name in kind.values}
    fields |= dict.fromkeys(kind.flags, st.booleans()) | dict.fromkeys(kind.arrays, numbers)
    fields |= {f"{stem}FileName": st.none() | texts for stem in kind.files}
    return st.fixed_dictionaries({**fields, "CustomFields": custom, "LocalizationDetails": anything, "SystemId": texts})


def replacing(twin: NexudusTwin, kind: Kind, strange_fields: Mapping[str, Any], sent: list[dict[str, Any]]) -> Fault:
    """A PUT that replaces even what no document names: what the body leaves out of it is cleared."""

    def put(request: TwinRequest, execute: Execute) -> TwinReply | None:
        if request.method != "PUT":
            twin.faults.append(put)
            return None
        sent.append(json.loads(request.body))
        reply = execute(request)
        held = twin._store.table(kind)[sent[-1]["Id"]]
        for name in (*strange_fields, "CustomFields", "LocalizationDetails"):
            held[name] = sent[-1].get(name)
        return reply

    return put


def whole(twin: NexudusTwin, entity: Entity, number: int) -> dict[str, Any]:
    """A record by its id, as it comes over the wire."""
    found: dict[str, Any] = json.loads(json.dumps(twin.record(PAGED[entity], number)))
    return found


def filled(entity: Entity, data: st.DataObject) -> tuple[NexudusTwin, int, list[dict[str, Any]]]:
    """A sandbox with one record that holds anything, its id, and the bodies that will be PUT."""
    twin, coworker, user = filled_twin()
    kind = KINDS[PAGED[entity]]
    fields = data.draw(told(kind, {"CoworkerId": coworker, "ResponsibleId": user}), label="record")
    more = data.draw(strange, label="fields that nobody knows")
    number = twin._store.add(kind, fields)
    twin._store.table(kind)[number] |= more
    sent: list[dict[str, Any]] = []
    twin.faults.append(replacing(twin, kind, more, sent))
    return twin, number, sent


@pytest.mark.parametrize("entity", PAGED)
@LAWS
@given(data=st.data())
def test_a_rename_leaves_every_other_field_as_it_was_and_echoes_every_array(
    entity: Entity, data: st.DataObject
) -> None:
    twin, number, sent = filled(entity, data)
    before, client = whole(twin, entity, number), Rig(twin).client
    name = data.draw(names, label="new name")
    client.change(entity, client.observe(entity, str(number)), {NAME_FIELD[entity]: name})
    after = whole(twin, entity, number)
    assert after["Name"] == name
    assert {field for field in before | after if after.get(field) != before.get(field)} <= FOLLOW | {"Name"}
    [body] = sent
    kind = KINDS[PAGED[entity]]
    assert body.keys() == before.keys()
    assert {field: body[field] for field in kind.arrays} == {field: before[field] for field in kind.arrays}
    assert not any(body[field] for field in kind.controls())


CHANGES: Mapping[str, st.SearchStrategy[Value]] = {
    "name": names,
    "title": names,
    "description": st.none() | texts,
    "notes": st.none() | texts,
    "completed": st.booleans(),
    "due_at": st.none() | moments,
    "active": st.booleans(),
}


@pytest.mark.parametrize("entity", PAGED)
@LAWS
@given(data=st.data())
def test_a_change_of_some_fields_changes_those_alone(entity: Entity, data: st.DataObject) -> None:
    twin, number, _ = filled(entity, data)
    fields = VENDOR.resource(entity).fields
    chosen = data.draw(st.sets(st.sampled_from(sorted(fields.keys() & CHANGES.keys()))), label="changed")
    if entity is Entity.DEPARTMENT:  # required there, so that an empty one is no description
        chosen -= {"description"}
    values = {field: data.draw(CHANGES[field], label=field) for field in sorted(chosen)}
    before, client = whole(twin, entity, number), Rig(twin).client
    client.change(entity, client.observe(entity, str(number)), values)
    after, seen = whole(twin, entity, number), client.observe(entity, str(number)).values
    assert {field: seen[field] for field in values} == values
    may = FOLLOW | {fields[field] for field in chosen} | ({"DueDateLocal"} if "due_at" in chosen else set())
    assert {field for field in before | after if after.get(field) != before.get(field)} <= may
