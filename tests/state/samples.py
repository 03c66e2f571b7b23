"""Made-up content for the safety record."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mappings.model import Entity, Link, Method, Op, Ref, Value
from mappings.receipt import Mode, Receipt
from state.safety import Intent, SafetyRecord

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)
HOSTILE = "'; DROP TABLE org.departments; -- \x1b[31m\r\n\t👩‍👩‍👧\u202e"

RECEIPT = Receipt(
    read_id="read-1",
    run_id="r1",
    connection="hq",
    resource="teams",
    entity="team",
    mode=Mode.FULL,
    started_at=NOON,
    finished_at=LATER,
    pages=2,
    declared_total=None,
    rows=12,
    distinct=11,
    duplicates=1,
    walks=1,
    calls=3,
    retries=0,
    end_signal="HasNextPage false",
    complete=True,
    reason=None,
)

INTENT = Intent(
    run_id="r1",
    plan_id="p1",
    change_id="c1",
    connection="amm",
    entity=Entity.DEPARTMENT,
    op=Op.CREATE,
    canonical_id="d-1",
    source_id=None,
    payload={"name": "客服 🧡", "parent_id": "9223372036854775808"},
    before=None,
    visible=("1", "2"),
    begun_at=NOON,
)


def opened(folder: Path, lineage: str = "lineage-1") -> SafetyRecord:
    return SafetyRecord.open(folder / "journal.sqlite", at=NOON, new_id=lambda: lineage)


def link(source_id: str, canonical_id: str, connection: str = "amm") -> Link:
    return Link(Ref(connection, Entity.DEPARTMENT, source_id), canonical_id, Method.JOURNAL)


def change(change_id: str, **more: Any) -> Mapping[str, Any]:
    told = {"id": change_id, "connection": "amm", "entity": "department", "op": "create", "status": "ready"}
    return told | {"canonical_id": "d-1", "source_id": None, "before": None, "after": {"name": "客服"}} | more


def renaming(source_id: str, name: Value, **more: Any) -> Intent:
    rename = replace(INTENT, op=Op.RENAME, source_id=source_id, payload={"name": name}, before={"name": "old"})
    return replace(rename, **more)
