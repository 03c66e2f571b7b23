"""A Nexudus sandbox that holds what an account holds, for a rehearsal."""

from collections.abc import Mapping
from typing import Any

from sources.nexudus.sandbox import NexudusTwin
from sources.nexudus.settings import COWORKERS, DEPARTMENTS, TASKS, TEAMS, USERS
from sources.twin import Holdings, Now, loadable
from sources.vendor import Connection

_KINDS = {
    DEPARTMENTS.name: "department",
    TEAMS.name: "team",
    TASKS.name: "task",
    COWORKERS.name: "coworker",
    USERS.name: "user",
}
_PEOPLE: Mapping[str, tuple[tuple[str, str], ...]] = {
    TASKS.name: (("CoworkerId", "coworker"), ("ResponsibleId", "user")),
    TEAMS.name: (("TeamMembers", "coworker"), ("TeamAdministrators", "coworker")),
    DEPARTMENTS.name: (("Managers", "user"),),
}
"""Where a record mentions people, and of which table."""


def twin(connection: Connection, holdings: Holdings, now: Now) -> NexudusTwin:
    """An account whose location holds these records, each under its own id, and the connection's credentials.

    People whom a record mentions are there, also where the account may not list them: the vendor knows them.
    """
    secrets = {key: secret.reveal() for key, secret in connection.secrets.items()}
    keys = {"token": "token", "username": "username", "password": "password"}
    options: dict[str, Any] = {"token": None, **loadable(secrets, keys)}
    made = NexudusTwin(business_id=int(connection.options["business_id"]), now=now, **options)
    for resource, kind in _KINDS.items():
        for record in holdings.get(resource, ()):
            made.load(kind, record)
            for field, whose in _PEOPLE.get(resource, ()):
                mentioned = record.get(field)
                for number in mentioned if isinstance(mentioned, list) else [mentioned]:
                    if isinstance(number, int) and not made.knows(whose, number):
                        made.load(whose, {"Id": number, "FullName": f"Person {number}"})
    return made
