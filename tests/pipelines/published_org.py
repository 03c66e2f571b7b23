"""A published file of any size, made without a run: departments with everything that a report can tell of them."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from mappings.tables import TABLES

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
SYSTEMS = ("udesk_cn", "amm", "hq")
HOSTILE = (
    "</script><script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\u202eevil\u2066 \x1b[31m\x00 line\r\nbreak",
    "quotes \" ' ` ${1+1} {{data}} --> <!-- <script>",
    "=cmd|' /C calc'!A0",
    "客户服务中心 👩‍👩‍👧 \u200bzero",
)
WORDS = ("Operations", "客户服务中心", "Europe", "Support", "Billing", "Quality", "平台工程", "Legal", "Facilities")

Rows = list[dict[str, Any]]


def make(path: Path, size: int, *, names: Sequence[str] = (), branch: int = 9) -> Path:
    """Write a published file of ``size`` departments, each below the one whose number is an n-th of its own.

    The first departments are called as ``names`` says. Some were renamed, are new, gone, in conflict or refused.
    """
    rows = _departments(size, names, branch)
    history = [{**row, "valid_from": NOW - timedelta(days=40), "valid_to": None} for row in rows]
    for number in range(3, size, 97):
        history[number]["valid_to"] = NOW
        history.append({**history[number], "valid_from": NOW, "valid_to": None})
        history[number] = {**history[number], "name": f"Old {number}"}
    for number in range(11, size, 97):
        history[number]["valid_to"] = NOW
        history.append({**history[number], "valid_from": NOW, "valid_to": None})
        history[number] = {**history[number], "parent_id": None, "path": rows[number]["name"], "depth": 0}
    for number in range(13, size, 97):
        history[number]["valid_to"] = NOW
        history.append({**history[number], "valid_from": NOW, "valid_to": None, "active": False})
    for number in range(5, size, 97):
        history[number]["valid_from"] = NOW
    tables: dict[str, Rows] = {
        "org.departments": rows,
        "org.department_history": history,
        "org.crosswalk": _links(size),
        "ops.runs": _runs(),
        "ops.reads": [_read(name) for name in SYSTEMS],
        "ops.changes": _changes(rows),
        "ops.conflicts": [
            *(_conflict(rows[number]) for number in range(7, size, 331)),
            *({**_conflict(rows[number]), **_DECIDED} for number in range(10, size, 331)),
        ],
        "ops.proposals": [_proposal(rows[number], number) for number in range(8, size, 401)],
        "org.linked_records": [_says(rows[number]) for number in range(2, size, 53)],
    }
    _write(path, tables)
    return path


def _departments(size: int, names: Sequence[str], branch: int) -> Rows:
    rows: Rows = []
    for number in range(size):
        above = None if number < 3 else rows[(number - 3) // branch]
        name = names[number] if number < len(names) else f"{WORDS[number % len(WORDS)]} {number}"
        rows.append(
            {
                "department_id": f"{number:08x}-0000-5000-8000-000000000000",
                "name": name,
                "description": f"What {name} does" if number % 3 == 0 else None,
                "parent_id": above["department_id"] if above else None,
                "path": f"{above['path']} / {name}" if above else name,
                "depth": above["depth"] + 1 if above else 0,
                "active": number % 97 != 13,
                "member_count": number % 17,
                "created_at": NOW - timedelta(days=90),
                "updated_at": NOW,
            }
        )
    return rows


def _links(size: int) -> Rows:
    return [
        {
            "entity": "department",
            "canonical_id": f"{number:08x}-0000-5000-8000-000000000000",
            "connection": system,
            "source_id": f"{system[0]}-{number}",
            "method": "exact",
            "confidence": 1.0,
            "linked_at": NOW - timedelta(days=40),
            "unlinked_at": None,
        }
        for number in range(size)
        for place, system in enumerate(SYSTEMS)
        if number % 29 != place
    ]


def _runs() -> Rows:
    def row(number: int) -> dict[str, Any]:
        began = NOW - timedelta(days=39 - number, seconds=30)
        done = (number * 7) % 23
        summary = {
            "calls": dict.fromkeys(SYSTEMS, 3 + number % 5),
            "plan": {"ready": done, "refused": number % 4, "held": number % 3},
            "apply": {"done": done, "failed": int(number % 9 == 0), "stale": 0, "unknown": 0},
            "pull": {name: {"complete": True, "reason": None, "reads": {"departments": 40}} for name in SYSTEMS},
        }
        code = 5 if number % 13 == 12 else 3 if number % 4 else 0
        ended = began + timedelta(seconds=20 + number % 11)
        known = {"run_id": f"run-{number:04}", "command": "sync", "started_at": began, "finished_at": ended}
        return {**known, "exit_code": code, "summary": summary}

    return [row(number) for number in range(40)]


def _read(name: str) -> dict[str, Any]:
    told = {"read_id": f"read-{name}", "run_id": "run-0039", "connection": name, "resource": "departments"}
    counts = {
        "pages": 3,
        "declared_total": 1200,
        "rows": 1201,
        "distinct": 1200,
        "duplicates": 1,
        "walks": 1,
        "calls": 4,
    }
    times = {"started_at": NOW, "finished_at": NOW, "since": None, "watermark": None}
    ending = {
        "end_signal": "next_cursor null",
        "complete": name != "hq",
        "reason": "a page came twice" if name == "hq" else None,
    }
    return {**told, **counts, **times, **ending, "entity": "department", "mode": "full", "retries": 2}


def _changes(rows: Rows) -> Rows:
    def row(number: int, op: str, status: str, rule: str) -> dict[str, Any]:
        one = rows[number]
        return {
            "run_id": "run-0039",
            "plan_id": "plan-1",
            "change_id": f"c{number}",
            "connection": SYSTEMS[1 + number % 2],
            "entity": "department",
            "op": op,
            "status": status,
            "canonical_id": one["department_id"],
            "source_id": None,
            "before": {"name": f"Old {number}"} if op == "rename" else None,
            "after": {"name": one["name"]},
            "rule": rule,
            "reason": f"udesk_cn has it (id {number}), the target does not",
            "error": "the vendor said no" if status == "failed" else None,
            "at": NOW,
        }

    return [
        *(row(number, "rename", "done", "authority") for number in range(3, len(rows), 97)),
        *(row(number, "create", "failed", "missing_in_target") for number in range(4, len(rows), 389)),
        *(row(number, "create", "refused", "name_taken") for number in range(6, len(rows), 173)),
        *(row(number, "create", "held", "ambiguous_match") for number in range(9, len(rows), 307)),
    ]


_DECIDED = {"decision": "resolve", "taken": "hq", "decided_by": "lee", "decided_at": NOW, "note": "asked them"}


def _conflict(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "conflict_id": f"c0ff{one['department_id']}",
        "entity": "department",
        "canonical_id": one["department_id"],
        "name": one["name"],
        "field": "name",
        "values": {"udesk_cn": one["name"], "hq": f"{one['name']} Team"},
        "since": NOW - timedelta(days=2),
    }


def _proposal(one: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {
        "proposal_id": f"ab{number:06x}",
        "entity": "department",
        "connection": "amm",
        "source_id": f"x-{number}",
        "name": f"{one['name']}s",
        "path": f"{one['name']}s",
        "candidates": [one["department_id"]],
        "question": "near",
        "score": 0.91,
        "runner_up": 0.4,
        "evidence": {"name": 0.93, "children": 0.8, "path": 0.5},
        "reason": "its name is much like another's",
        "follows": 2,
        "siblings": ["Legal", "Sales"],
        "children": ["Tier 1"],
        "since": NOW,
    }


def _says(one: Mapping[str, Any]) -> dict[str, Any]:
    known = {"entity": "department", "canonical_id": one["department_id"], "connection": "hq", "rank": 2}
    source = f"h-{int(str(one['department_id'])[:8], 16)}"
    return {**known, "source_id": source, "fields": ["name", "description"], "active": True, "name": one["name"]}


def _write(path: Path, tables: Mapping[str, Rows]) -> None:
    with duckdb.connect(str(path)) as db:
        db.execute("SET TimeZone = 'UTC'")
        for schema in {"org", "ops"} - {path.stem}:
            db.execute(f"CREATE SCHEMA {schema}")
        for name, table in TABLES.items():
            place = f"main.{name.partition('.')[2]}" if name.startswith(f"{path.stem}.") else name
            columns = ", ".join(f'"{column}" {kind}' for column, (kind, _) in table.columns.items())
            db.execute(f"CREATE TABLE {place} ({columns})")
            if rows := tables.get(name):
                keys = dict.fromkeys(key for row in rows for key in row)
                cells = {key: [_cell(row.get(key), table.columns[key][0]) for row in rows] for key in keys}
                db.register("rows_to_fill", pa.table(cells))
                db.execute(f"INSERT INTO {place} BY NAME FROM rows_to_fill")
                db.unregister("rows_to_fill")


def _cell(value: Any, kind: str) -> Any:
    return json.dumps(value) if kind == "JSON" and value is not None else value
