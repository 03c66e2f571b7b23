"""The published tables: every table and column, its type and its comment, in one place (CONTRACT.md, section 4)."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A published table: its comment, and for each column its DuckDB type and comment."""

    comment: str
    columns: Mapping[str, tuple[str, str]]


_TIMES = {
    "created_at": ("TIMESTAMPTZ", "When the vendor says it was made; empty where it does not say."),
    "updated_at": ("TIMESTAMPTZ", "When the vendor says it was last changed; empty where it does not say."),
}
_ACTIVE = ("BOOLEAN", "False once it is gone at its source; its row stays.")
_MEMBERS = ("BIGINT", "How many members its vendor counts; empty where no vendor counts them.")

_DEPARTMENT = {
    "department_id": ("VARCHAR", "Canonical id, stable for the life of the workspace."),
    "name": ("VARCHAR", "The surviving name."),
    "description": ("VARCHAR", "The surviving description."),
    "parent_id": ("VARCHAR", "The department above it; empty for a root and where no tree knows it."),
    "path": ("VARCHAR", "The names from the root to it, joined by ' / '; of a longer path the last 100."),
    "depth": ("INTEGER", "Steps from its root, 0 for a root; empty for records of a cycle."),
    "active": _ACTIVE,
    "member_count": _MEMBERS,
    **_TIMES,
}
_TEAM = {
    "team_id": ("VARCHAR", "Canonical id, stable for the life of the workspace."),
    "name": ("VARCHAR", "The surviving name."),
    "description": ("VARCHAR", "The surviving description."),
    "active": _ACTIVE,
    "member_count": _MEMBERS,
    **_TIMES,
}
_TASK = {
    "task_id": ("VARCHAR", "Canonical id, stable for the life of the workspace."),
    "title": ("VARCHAR", "What is to be done."),
    "notes": ("VARCHAR", "The task's notes."),
    "completed": ("BOOLEAN", "Whether it is done."),
    "due_at": ("TIMESTAMPTZ", "When it is due."),
    "assignee_id": ("VARCHAR", "Who is responsible: org.people.person_id."),
    "subject_id": ("VARCHAR", "Whom it is about: org.people.person_id."),
    "active": _ACTIVE,
    **_TIMES,
}
_PERSON = {
    "person_id": ("VARCHAR", "Canonical id, stable for the life of the workspace."),
    "full_name": (
        "VARCHAR",
        "The name: as the vendor's list of people has it, else as a record tells that refers to them.",
    ),
    "email": ("VARCHAR", "Empty unless [people] email = true: personal data is opt-in."),
    "kind": ("VARCHAR", "coworker (a member) or user (an administrator)."),
}
_PERIOD = {
    "valid_from": ("TIMESTAMPTZ", "From when on these values held: the run that first saw them."),
    "valid_to": ("TIMESTAMPTZ", "Until when they held, that moment excluded; empty for the present ones."),
}
_SAID = {
    column: ((_DEPARTMENT.get(column) or _TASK.get(column) or _PERSON[column])[0], "As the account has it.")
    for column in (
        *("name", "title", "description", "parent_id", "notes", "completed", "due_at", "assignee_id", "subject_id"),
        *("full_name", "email", "kind", "member_count"),
    )
}
_REMOTE = {
    "entity": ("VARCHAR", "department, team, task or person."),
    "canonical_id": ("VARCHAR", "The canonical record."),
    "connection": ("VARCHAR", "The configured account."),
    "source_id": ("VARCHAR", "The vendor's id of the record."),
}

_DECIDED = {
    "decision": ("VARCHAR", "Empty while it waits; accept, reject, link, unlink, resolve, pin or unpin."),
    "decided_by": ("VARCHAR", "Who decided."),
    "decided_at": ("TIMESTAMPTZ", "When."),
    "note": ("VARCHAR", "What was said about it."),
    "run_id": ("VARCHAR", "The run that carried it out: ops.runs.run_id."),
}

TABLES: Mapping[str, Table] = {
    "org.departments": Table("The departments, one row each, with their place in the tree.", _DEPARTMENT),
    "org.teams": Table("The teams, one row each.", _TEAM),
    "org.team_members": Table(
        "Who is in which team, and as what.",
        {
            "team_id": ("VARCHAR", "org.teams.team_id."),
            "person_id": ("VARCHAR", "org.people.person_id."),
            "role": ("VARCHAR", "member or administrator."),
        },
    ),
    "org.people": Table("The people that departments, teams and tasks refer to, and every administrator.", _PERSON),
    "org.tasks": Table("The tasks, one row each.", _TASK),
    "org.crosswalk": Table(
        "Which remote record is which canonical one, and how that was found.",
        {
            **_REMOTE,
            "method": (
                "VARCHAR",
                "founded, exact, journal (we made it), email (the same address) or person (somebody said so).",
            ),
            "confidence": ("DOUBLE", "From 0 to 1."),
            "linked_at": ("TIMESTAMPTZ", "When the link was made."),
            "unlinked_at": ("TIMESTAMPTZ", "When it was taken back; empty while it holds."),
        },
    ),
    "org.department_history": Table("Every state that a department was seen in.", {**_DEPARTMENT, **_PERIOD}),
    "org.team_history": Table("Every state that a team was seen in.", {**_TEAM, **_PERIOD}),
    "org.task_history": Table("Every state that a task was seen in.", {**_TASK, **_PERIOD}),
    "org.provenance": Table(
        "Whose value survived for each field, and why.",
        {
            "entity": ("VARCHAR", "department, team, task or person."),
            "canonical_id": ("VARCHAR", "The canonical record."),
            "field": ("VARCHAR", "The column."),
            "value": ("VARCHAR", "The surviving value, as text."),
            "connection": ("VARCHAR", "The account that it survives from; (person) where somebody gave it."),
            "source_id": ("VARCHAR", "The vendor's id of the record there."),
            "rule": ("VARCHAR", "The rule by which it survived."),
            "run_id": ("VARCHAR", "The run that first saw it survive: ops.runs.run_id."),
        },
    ),
    "org.linked_records": Table(
        "What each account says of a record that several accounts hold, also where that did not survive.",
        {
            **_REMOTE,
            "rank": (
                "INTEGER",
                "Its place among the accounts that are heard, 1 first; empty once it is configured no more.",
            ),
            "fields": ("VARCHAR[]", "The columns that the account has a say on; of any other it knows nothing."),
            "active": ("BOOLEAN", "False once it is gone there, or inactive; the values are the last that were seen."),
            **_SAID,
            **_TIMES,
        },
    ),
    "ops.runs": Table(
        "What ran.",
        {
            "run_id": ("VARCHAR", "The run."),
            "command": ("VARCHAR", "The command."),
            "started_at": ("TIMESTAMPTZ", "When it began."),
            "finished_at": ("TIMESTAMPTZ", "When it ended; empty while it runs, and for one that was killed."),
            "exit_code": ("INTEGER", "Its exit code; empty while it runs."),
            "summary": ("JSON", "What it did, and the calls that it made to each connection."),
        },
    ),
    "ops.reads": Table(
        "One row a connection, resource and read: the receipt that tells whether it was whole.",
        {
            "read_id": ("VARCHAR", "The read."),
            "run_id": ("VARCHAR", "ops.runs.run_id."),
            "connection": ("VARCHAR", "The account."),
            "resource": ("VARCHAR", "What was read there."),
            "entity": ("VARCHAR", "department, team, task or person."),
            "mode": ("VARCHAR", "full or incremental."),
            "started_at": ("TIMESTAMPTZ", "When it began."),
            "finished_at": ("TIMESTAMPTZ", "When it ended."),
            "pages": ("BIGINT", "Pages of the last walk."),
            "declared_total": ("BIGINT", "The vendor's own count; empty where it declares none."),
            "rows": ("BIGINT", "Records as they came."),
            "distinct": ("BIGINT", "Distinct ids among them."),
            "duplicates": ("BIGINT", "Records that came again."),
            "walks": ("BIGINT", "How often the list was walked; more than once when rows shifted."),
            "calls": ("BIGINT", "Calls made."),
            "retries": ("BIGINT", "Calls among them that had to be sent again."),
            "end_signal": ("VARCHAR", "What told that the list had ended."),
            "complete": ("BOOLEAN", "Whether the read proves what is not there."),
            "reason": ("VARCHAR", "Why it does not."),
            "since": ("TIMESTAMPTZ", "The vendor's time since which an incremental read asked for changes."),
            "watermark": ("TIMESTAMPTZ", "The vendor's time from which the next incremental read goes on."),
        },
    ),
    "ops.changes": Table(
        "Every write that was ever planned or tried.",
        {
            "run_id": ("VARCHAR", "The run that planned it, or tried it."),
            "plan_id": ("VARCHAR", "The plan."),
            "change_id": ("VARCHAR", "The change's id in the plan."),
            "connection": ("VARCHAR", "The target."),
            "entity": ("VARCHAR", "department, team or task."),
            "op": ("VARCHAR", "create, rename, update, move, deactivate or delete."),
            "status": ("VARCHAR", "ready, refused, held; done, stale, failed, not_sent, not_done, adopted, unknown."),
            "canonical_id": ("VARCHAR", "The canonical record."),
            "source_id": ("VARCHAR", "The vendor's id; empty for a create that was not made."),
            "before": ("JSON", "The fields as they were."),
            "after": ("JSON", "The fields as they should be."),
            "rule": ("VARCHAR", "The stable code of why."),
            "reason": ("VARCHAR", "Why, in words."),
            "error": ("VARCHAR", "What went wrong."),
            "at": ("TIMESTAMPTZ", "When it was planned or tried."),
        },
    ),
    "ops.proposals": Table(
        "Matches that a person must decide, and every match that somebody decided: a row for each time.",
        {
            "proposal_id": ("VARCHAR", "Stable id, that of the record; orgweave review takes it, or its beginning."),
            "entity": ("VARCHAR", "department, team or task."),
            "connection": ("VARCHAR", "Where the record is."),
            "source_id": ("VARCHAR", "Its vendor's id."),
            "name": ("VARCHAR", "What it is called there."),
            "path": ("VARCHAR", "The names from its own system's root to it, joined by ' / '; at most the last 100."),
            "candidates": ("VARCHAR[]", "The canonical records that it could be, the likeliest first."),
            "question": ("VARCHAR", "tie, near, recreated; follows and parent: it waits for the record above it."),
            "score": ("DOUBLE", "How like the first candidate is, from 0 to 1; empty where names are the same."),
            "runner_up": ("DOUBLE", "How like the next one is; empty where there is none."),
            "evidence": ("JSON", "The named parts of the score."),
            "reason": ("VARCHAR", "Why it was not decided."),
            "follows": ("BIGINT", "How many records wait for this one alone."),
            "waits_for": ("VARCHAR", "The proposal that must be decided first; empty where none must."),
            "siblings": ("VARCHAR[]", "Up to eight of the records beside it, in its own system."),
            "children": ("VARCHAR[]", "Up to eight of the records below it, in its own system."),
            "since": ("TIMESTAMPTZ", "When it was first asked."),
            "canonical_id": ("VARCHAR", "The record that it was decided to be, or not to be."),
            **_DECIDED,
        },
    ),
    "ops.conflicts": Table(
        "Fields on which authorities disagree, and every value that somebody decided: a row for each time.",
        {
            "conflict_id": ("VARCHAR", "Stable id, that of the field; orgweave review takes it, or its beginning."),
            "entity": ("VARCHAR", "department, team, task or person."),
            "canonical_id": ("VARCHAR", "The canonical record."),
            "name": ("VARCHAR", "What it is called."),
            "field": ("VARCHAR", "The column."),
            "values": ("JSON", "Connection → value."),
            "since": ("TIMESTAMPTZ", "When it was first seen."),
            "taken": ("VARCHAR", "The account whose value was taken; empty where a value was given."),
            "value": ("VARCHAR", "The value that was taken or given, as text."),
            "until": ("TIMESTAMPTZ", "When a pin ends; empty where it stands until it is taken back."),
            **_DECIDED,
        },
    ),
}
"""Every published table, in the order in which it is listed."""

MACROS: Mapping[str, str] = {
    "departments": "org.department_history",
    "teams": "org.team_history",
    "tasks": "org.task_history",
}
"""``org.<name>_as_of(ts)``: the rows of a history that held at a moment."""
