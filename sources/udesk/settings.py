"""Udesk, declared: its resource, its options and secrets, and what it can hold."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mappings.card import Card, Cost, EntityCard, NameScope, Pace, Rate
from mappings.model import Entity, Op
from sources.secret import Scrubber
from sources.vendor import Client, Connection, Resource, Vendor

if TYPE_CHECKING:  # commands that only look at cards never load the wire
    from sources.http import Wire

NAME_MAX = 255  # characters, not bytes
SCOPES = (NameScope.COMPANY, NameScope.PARENT)

DEPARTMENTS = Resource(
    name="departments",
    entity=Entity.DEPARTMENT,
    path="/open_api_v1/departments",
    id_field="id",
    page_size=0,  # the whole tree in one answer
    fields={"name": "name", "parent_id": "parent_id"},
    made=frozenset({"id"}),
)

NO_MOVE = (
    "vendor_cannot_move",
    "Udesk's PUT ignores parent_id in silence: move it by hand in Udesk's admin console, the next run sees it",
)
NO_DEACTIVATE = (
    "vendor_cannot_deactivate",
    'Udesk\'s departments cannot be switched off: on_missing = "delete" takes empty ones away, "keep" leaves them',
)


def card(options: Mapping[str, str | int]) -> Card:
    """What Udesk can hold. ``name_scope`` says how far names are unique: Udesk's page leaves it open.

    Raises ``ValueError`` for another ``name_scope`` than company or parent.
    """
    scope = options.get("name_scope", NameScope.COMPANY)
    if scope not in SCOPES:
        raise ValueError(f"name_scope must be one of {', '.join(SCOPES)}, not {scope!r}")
    departments = EntityCard(
        carries=frozenset({"name", "parent_id"}),
        creates=frozenset({"name", "parent_id"}),
        updates=frozenset({"name"}),
        costs={
            Op.CREATE: Cost(reads=0),
            Op.RENAME: Cost(reads=1),
            Op.DELETE: Cost(reads=2),  # the list and the agents anew: does nothing stand below, is nobody in it?
        },
        tree=True,
        name_max=NAME_MAX,
        name_scope=NameScope(scope),
        required={"name": None},
        refusals={Op.MOVE: NO_MOVE, Op.DEACTIVATE: NO_DEACTIVATE},
    )
    pace = Pace(reads=Rate(60, 60.0), shared=True)
    return Card("udesk", {Entity.DEPARTMENT: departments}, pace)


def connect(connection: Connection, wire: "Wire", scrubber: Scrubber) -> Client:
    """Open a client over a wire to the connection's ``base_url`` (the tenant's host, without a path)."""
    from sources.udesk.client import UdeskClient

    return UdeskClient(connection, wire, scrubber)


VENDOR = Vendor(
    name="udesk",
    title="Udesk",
    resources=(DEPARTMENTS,),
    options={"name_scope": (str, False)},
    clock_within=300.0,  # of the signature's time
    secrets=(("email", "open_api_token"), ("email", "password")),
    card=card,
    connect=connect,
)
