"""The published views: what a BI tool shows without a join. Columns and comments; each one's SQL is ``bi/<name>``."""

from collections.abc import Mapping

from mappings.tables import TABLES, Table

_WHO = ("VARCHAR", "That person's name.")


def _same(table: str, *columns: str) -> dict[str, tuple[str, str]]:
    """Columns that are a table's own."""
    return {column: TABLES[table].columns[column] for column in columns}


VIEWS: Mapping[str, Table] = {
    "bi.departments": Table(
        "The departments, flat, with the names above each.",
        {
            **_same("org.departments", "department_id", "name", "path", "depth"),
            "parent": ("VARCHAR", "The name of the department above it."),
            **{
                f"level_{level}": ("VARCHAR", f"The name on level {level} above it, or its own.")
                for level in range(1, 7)
            },
            **_same("org.departments", "active", "member_count"),
            "systems": ("VARCHAR", "The accounts that hold it, joined by ', '."),
            "system_count": ("BIGINT", "How many they are."),
        },
    ),
    "bi.tasks": Table(
        "The tasks, with the names of people, and how late each is at the moment of asking.",
        {
            **_same("org.tasks", "task_id", "title", "completed", "due_at"),
            "assignee": ("VARCHAR", "The name of who is responsible."),
            "subject": ("VARCHAR", "The name of whom it is about."),
            "overdue": ("BOOLEAN", "Whether it is open and past its time."),
            "days_late": ("BIGINT", "By how many days; empty where it is not."),
            **_same("org.tasks", "active"),
        },
    ),
    "bi.team_members": Table(
        "Who is in which team, by name.",
        {
            **_same("org.team_members", "team_id"),
            "team": ("VARCHAR", "The team's name."),
            **_same("org.team_members", "person_id"),
            "person": _WHO,
            **_same("org.team_members", "role"),
            "active": ("BOOLEAN", "Whether the team is."),
        },
    ),
    "bi.held_by": Table(
        "Every record and every account that holds it, a row for each.",
        {
            **_same("org.crosswalk", "entity", "canonical_id"),
            "name": ("VARCHAR", "What the record is called: of a department the path."),
            **_same("org.crosswalk", "connection", "source_id", "method", "linked_at"),
            "active": ("BOOLEAN", "False once the record is gone at its source."),
        },
    ),
    "bi.writes": Table(
        "Every write that was planned or tried, with what its record was called before and after.",
        {
            **_same("ops.changes", "at"),
            "day": ("DATE", "The day of that, in the time zone of the session."),
            "command": ("VARCHAR", "The command of the run."),
            **_same("ops.changes", "connection", "entity", "op", "status"),
            "name_before": ("VARCHAR", "Its name before; empty where it was not written."),
            "name_after": ("VARCHAR", "Its name after; empty where it was not written."),
            "rule": ("VARCHAR", "The stable code of why."),
            "why": ("VARCHAR", "What went wrong, or else why, in words."),
            **_same("ops.changes", "canonical_id", "run_id"),
        },
    ),
    "bi.runs": Table(
        "The runs in numbers.",
        {
            **_same("ops.runs", "run_id", "command", "started_at", "finished_at", "exit_code"),
            "seconds": ("DOUBLE", "How long it took; empty while it runs."),
            "written": ("INTEGER", "Changes that were made."),
            "not_done": ("INTEGER", "Changes that failed, were stale, or are not known to have been made."),
            "refused": ("INTEGER", "Changes that its plan refused."),
            "held": ("INTEGER", "Changes that its plan left to a person."),
        },
    ),
}
"""Every published view, in the order in which it is listed."""
