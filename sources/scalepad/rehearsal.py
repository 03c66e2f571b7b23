"""A ScalePad AMM sandbox that holds what an account holds, for a rehearsal."""

from sources.scalepad.sandbox import ScalePadTwin
from sources.scalepad.settings import DEPARTMENTS
from sources.twin import Holdings, Now, loadable
from sources.vendor import Connection


def twin(connection: Connection, holdings: Holdings, now: Now) -> ScalePadTwin:
    """A client organisation with these departments, each under its own id, and the connection's credentials.

    Assumed, since no page says it: names that differ only in case are one name.
    """
    secrets = {key: secret.reveal() for key, secret in connection.secrets.items()}
    made = ScalePadTwin(
        now=now, client_id=str(connection.options["client_id"]), **loadable(secrets, {"token": "token"})
    )
    for record in holdings.get(DEPARTMENTS.name, ()):
        made.add_department(str(record["name"]), record.get("description"), id=str(record["id"]))
    return made
