"""Toy, declared: its resources, its options and secret, and what it can hold."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mappings.card import Card, Cost, EntityCard, NameScope, Pace, Rate
from mappings.model import Entity, Op
from sources.secret import Scrubber
from sources.vendor import Client, Connection, Resource, Vendor

if TYPE_CHECKING:  # commands that only look at cards never load the wire
    from sources.http import Wire

DEPARTMENTS = Resource(
    name="departments",
    entity=Entity.DEPARTMENT,
    path="/departments",
    id_field="id",
    page_size=100,  # the documented maximum
    fields={"name": "name", "description": "about"},  # orgweave's word → Toy's
    made=frozenset({"id"}),  # what Toy makes itself: no other account can be given it
)

NO_MOVE = ("vendor_cannot_move", "Toy keeps departments in a flat list: there is no parent to move to")
NO_DEACTIVATE = (
    "vendor_cannot_deactivate",
    'Toy\'s departments cannot be switched off: on_missing = "delete" takes them away, "keep" leaves them',
)


def card(_options: Mapping[str, str | int]) -> Card:
    """What Toy can hold. The planner refuses everything else, with the rule and the remedy of ``refusals``."""
    fields = frozenset({"name", "description"})
    departments = EntityCard(
        carries=fields,  # what it has a vote on: unknown is not empty
        creates=fields,
        updates=fields,
        costs={
            Op.CREATE: Cost(reads=0),
            Op.RENAME: Cost(reads=2),  # as it stands; read back
            Op.UPDATE: Cost(reads=2),
            Op.DELETE: Cost(reads=1),  # as it stands
        },
        name_max=255,
        name_scope=NameScope.NONE,  # two departments may bear one name
        required={"name": None},
        refusals={Op.MOVE: NO_MOVE, Op.DEACTIVATE: NO_DEACTIVATE},
    )
    return Card("toy", {Entity.DEPARTMENT: departments}, Pace(reads=Rate(60, 60.0), shared=True))


def connect(connection: Connection, wire: "Wire", scrubber: Scrubber) -> Client:
    """Open a client over a wire to the connection's ``base_url``."""
    from .client import ToyClient

    return ToyClient(connection, wire, scrubber)


VENDOR = Vendor(
    name="toy",
    title="Toy",
    resources=(DEPARTMENTS,),
    options={},  # key → (type, required)
    secrets=(("token",),),
    card=card,
    connect=connect,
)
