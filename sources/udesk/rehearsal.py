"""A Udesk sandbox that holds what an account holds, for a rehearsal."""

from sources.twin import Holdings, Now, loadable
from sources.udesk.sandbox import UdeskTwin
from sources.udesk.settings import DEPARTMENTS
from sources.vendor import Connection


def twin(connection: Connection, holdings: Holdings, now: Now) -> UdeskTwin:
    """A tenant with these departments, each under its own id, and the connection's credentials.

    Assumed, since Udesk's page leaves it open: names are unique as far as ``name_scope`` says, and a department that is
    not a leaf is not deleted.
    """
    secrets = {key: secret.reveal() for key, secret in connection.secrets.items()}
    scope = connection.options.get("name_scope", "company")
    made = UdeskTwin(now=now, name_scope="parent" if scope == "parent" else "company", **loadable(secrets, _KEYS))
    for record in holdings.get(DEPARTMENTS.name, ()):
        made.add_department(str(record["name"]), int(record.get("parent_id") or 0), id=int(record["id"]))
    return made


_KEYS = {"email": "email", "open_api_token": "token", "password": "password"}
