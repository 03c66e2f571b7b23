"""A Toy sandbox that holds what an account holds: ``plan --rehearse`` applies the plan to it first."""

from sources.twin import Holdings, Now
from sources.vendor import Connection

from .sandbox import ToyTwin
from .settings import DEPARTMENTS


def twin(connection: Connection, holdings: Holdings, now: Now) -> ToyTwin:
    """An account with these departments, each under its own id, and the connection's (made up) token."""
    made = ToyTwin(token=connection.secrets["token"].reveal(), now=now)
    for record in holdings.get(DEPARTMENTS.name, ()):
        made.add_department(str(record["name"]), record.get("about"), id=str(record["id"]))
    return made
