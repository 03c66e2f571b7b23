"""Which column of a published table refers to which row of another: for the diagram in docs/model.md, and a test."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Relation:
    """``column`` of ``table`` holds the ``key`` of ``other``, or nothing; ``says`` is what it means, in the diagram.

    ``of``: the reference holds where the column ``entity`` says so.
    """

    table: str
    column: str
    other: str
    key: str
    says: str
    of: str | None = None


_KEYS = {"department": "org.departments", "team": "org.teams", "task": "org.tasks", "person": "org.people"}

RELATIONS: tuple[Relation, ...] = (
    Relation("org.departments", "parent_id", "org.departments", "department_id", "is below"),
    Relation("org.team_members", "team_id", "org.teams", "team_id", "is of"),
    Relation("org.team_members", "person_id", "org.people", "person_id", "is"),
    Relation("org.tasks", "assignee_id", "org.people", "person_id", "is done by"),
    Relation("org.tasks", "subject_id", "org.people", "person_id", "is about"),
    Relation("org.department_history", "department_id", "org.departments", "department_id", "is a state of"),
    Relation("org.team_history", "team_id", "org.teams", "team_id", "is a state of"),
    Relation("org.task_history", "task_id", "org.tasks", "task_id", "is a state of"),
    *(
        Relation(table, "canonical_id", other, f"{entity}_id", says, of=entity)
        for table, says in (
            ("org.crosswalk", "links to"),
            ("org.linked_records", "tells of"),
            ("org.provenance", "tells of"),
            ("ops.changes", "changes"),
            ("ops.conflicts", "is about"),
        )
        for entity, other in _KEYS.items()
    ),
    *(
        Relation(table, "run_id", "ops.runs", "run_id", says)
        for table, says in (
            ("org.provenance", "was first seen by"),
            ("ops.reads", "was made by"),
            ("ops.changes", "was made by"),
            ("ops.proposals", "was decided in"),
            ("ops.conflicts", "was decided in"),
        )
    ),
)
