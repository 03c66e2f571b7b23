"""Nexudus, declared: its resources, options and secrets, and what it can hold (shared notes: vendors/nexudus.md)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from mappings.card import Card, Cost, EntityCard, Pace, Rate
from mappings.model import FIELDS, Entity, Op
from sources.secret import Scrubber
from sources.vendor import Client, Connection, Resource, Vendor

if TYPE_CHECKING:  # commands that only look at cards never load the wire
    from sources.http import Wire

PAGE = 1000  # the largest page that the older documents name; what a larger one does, none says
TOKEN, BASIC = WAYS_IN = ("token", "basic")
OVERLAP = timedelta(minutes=10)  # web server and database may keep different time, and a slow change lands late
MADE = frozenset(
    {"Id", "UniqueId", "SystemId", "IsNew", "CreatedOn", "UpdatedOn", "UpdatedBy", "ToStringText", "BusinessId"}
    | {"BusinessName", "CoworkerIds", "CoworkerFullNames", "PayingMemberFullName", "CoworkerFullName"}
    | {"CoworkerCompanyName", "ResponsibleFullName", "TaskListName", "DueDateLocal"}
)
"""What Nexudus makes itself, or tells again in other words: ids, times, the names of what other fields refer to."""

BATCH = 100  # ids in one call; the documents name no limit, and this keeps the URL near 1,500 characters


def _resource(entity: Entity, name: str, path: str, kind: str, fields: Mapping[str, str]) -> Resource:
    """A list of Nexudus's; ``kind`` is what its roles call a record of it."""
    return Resource(
        name=name,
        entity=entity,
        path=path,
        id_field="Id",
        page_size=PAGE,
        fields=fields,
        roles={operation: f"{kind}-{operation.title()}" for operation in ("list", "read", "create", "edit", "delete")},
        overlap=OVERLAP,
        made=MADE,
    )


def _people(name: str, path: str, kind: str) -> Resource:
    """One of the two lists of people, whose ids may be the same."""
    made = _resource(Entity.PERSON, name, path, kind, {"full_name": "FullName", "email": "Email"})
    return replace(made, prefix=f"{kind.casefold()}:", optional=True)


_FIELDS: Mapping[Entity, Mapping[str, str]] = {
    Entity.DEPARTMENT: {"name": "Name", "description": "Description", "active": "Active"},
    Entity.TEAM: {"name": "Name", "description": "Description"},
    Entity.TASK: {
        "title": "Name",
        "notes": "Notes",
        "completed": "Completed",
        "due_at": "DueDate",
        "assignee_id": "ResponsibleId",
        "subject_id": "CoworkerId",
    },
}

DEPARTMENTS = replace(
    _resource(
        Entity.DEPARTMENT,
        "departments",
        "/api/support/helpdeskdepartments",
        "HelpDeskDepartment",
        _FIELDS[Entity.DEPARTMENT],
    ),
    held_back=("Managers",),
)
TEAMS = _resource(Entity.TEAM, "teams", "/api/spaces/teams", "Team", _FIELDS[Entity.TEAM])
TASKS = _resource(Entity.TASK, "tasks", "/api/crm/coworkertasks", "CoworkerTask", _FIELDS[Entity.TASK])
COWORKERS = _people("coworkers", "/api/spaces/coworkers", "Coworker")
USERS = _people("users", "/api/sys/users", "User")

UNLISTED: Mapping[Entity, tuple[str, ...]] = {
    Entity.DEPARTMENT: ("Managers",),
    Entity.TEAM: ("TeamMembers", "TeamAdministrators", "ExtraServices"),
    Entity.TASK: (),
}
"""Arrays that a list shows as null; only the calls by id fill them, ``[]`` where there are none."""

COSTS: Mapping[Op, Cost] = {
    Op.CREATE: Cost(reads=0),  # the list before and the list after show all of them
    Op.RENAME: Cost(reads=2),  # the whole record, which its PUT must send again; read back
    Op.UPDATE: Cost(reads=2),
    Op.DELETE: Cost(reads=1),  # as it stands; the list after the run shows that it is gone
}
DEACTIVATES: Mapping[Op, Cost] = {Op.DEACTIVATE: Cost(reads=2)}  # departments alone: by a PUT, as any other change
REFUSALS: Mapping[Op, tuple[str, str]] = {
    Op.MOVE: ("vendor_cannot_move", "Nexudus is flat: departments, teams and tasks have no parent; tell them by name"),
    Op.DEACTIVATE: (
        "vendor_cannot_deactivate",
        'Nexudus switches off departments alone: on_missing = "delete" takes teams and tasks away, "keep" leaves them',
    ),
}


def _entity(
    entity: Entity, *, updates: tuple[str, ...], required: Mapping[str, str | None], fills: Mapping[str, str] = {}
) -> EntityCard:
    carried = frozenset(FIELDS[entity]) - {"parent_id"}
    return EntityCard(
        carries=carried,
        creates=carried,
        updates=frozenset(updates),
        costs={**COSTS, **(DEACTIVATES if "active" in _FIELDS[entity] else {})},
        required=required,
        refusals=REFUSALS,
        fills=fills,
    )


NO_DESCRIPTION = "(no description)"
"""What stands where Nexudus demands a department's description and nobody has one; read back, it is none."""


def card(options: Mapping[str, str | int]) -> Card:
    """What Nexudus can hold. Names need not be unique, and no document names a longest one.

    Raises ``ValueError`` for another ``auth`` than token or basic.
    """
    if (auth := options.get("auth", TOKEN)) not in WAYS_IN:
        raise ValueError(f"auth must be one of {', '.join(WAYS_IN)}, not {auth!r}")
    entities = {
        Entity.DEPARTMENT: _entity(
            Entity.DEPARTMENT,
            updates=("name", "description"),
            required={"name": None},
            fills={"description": NO_DESCRIPTION},
        ),
        Entity.TEAM: _entity(Entity.TEAM, updates=("name", "description"), required={"name": None}),
        Entity.TASK: _entity(
            Entity.TASK,
            updates=("title", "notes", "due_at", "completed", "assignee_id", "subject_id"),
            required={"title": None, "assignee_id": None, "subject_id": None},
        ),
    }
    pace = Pace(reads=Rate(10, 0.1), writes=Rate(60, 60.0), writes_per_day=2500, concurrency=4)
    return Card("nexudus", entities, pace)


def connect(connection: Connection, wire: "Wire", scrubber: Scrubber) -> Client:
    """Open a client over a wire to the connection's ``base_url`` (the host, without ``/api``)."""
    from sources.nexudus.client import NexudusClient

    return NexudusClient(connection, wire, scrubber)


PASSWORD = ("username", "password")

VENDOR = Vendor(
    name="nexudus",
    title="Nexudus",
    resources=(DEPARTMENTS, TEAMS, TASKS, COWORKERS, USERS),
    options={"business_id": (int, True), "auth": (str, False)},
    tenant=("business_id",),
    secrets=(("token",), PASSWORD),
    secrets_for=lambda options: (PASSWORD,) if options.get("auth") == BASIC else (("token",), PASSWORD),
    card=card,
    connect=connect,
)
