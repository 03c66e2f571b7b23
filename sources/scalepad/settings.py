"""ScalePad AMM, declared: its resource, its options and secret, and what it can hold."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mappings.card import Card, Cost, EntityCard, NameScope, Pace, Rate
from mappings.model import Entity, Op
from sources.secret import Scrubber
from sources.vendor import Client, Connection, Resource, Vendor

if TYPE_CHECKING:  # commands that only look at cards never load the wire
    from sources.http import Wire

PAGE_SIZE = 500  # the documented maximum

DEPARTMENTS = Resource(
    name="departments",
    entity=Entity.DEPARTMENT,
    path="/clients/{client_id}/departments",
    id_field="id",
    page_size=PAGE_SIZE,
    fields={"name": "name", "description": "description"},
    made=frozenset({"id", "client_id", "created_at", "updated_at"}),
)

NO_MOVE = (
    "vendor_cannot_move",
    "ScalePad AMM keeps departments in a flat list: there is no parent to move to; the naming policy can show the tree",
)
NO_DEACTIVATE = (
    "vendor_cannot_deactivate",
    'ScalePad AMM\'s departments cannot be switched off: on_missing = "delete" takes them away, "keep" leaves them',
)


def card(_options: Mapping[str, str | int]) -> Card:
    """What ScalePad AMM can hold. No maximum length of a name is documented."""
    written = frozenset({"name", "description"})
    departments = EntityCard(
        carries=written,
        creates=written,
        updates=written,
        costs={
            Op.CREATE: Cost(reads=0),  # the list before and the list after show all of them
            Op.RENAME: Cost(reads=2),  # as it stands; read back
            Op.UPDATE: Cost(reads=2),
            Op.DELETE: Cost(reads=1),  # as it stands; the list after the run shows that it is gone
        },
        name_scope=NameScope.COMPANY,
        required={"name": None},
        refusals={Op.MOVE: NO_MOVE, Op.DEACTIVATE: NO_DEACTIVATE},
    )
    pace = Pace(reads=Rate(50, 5.0), concurrency=4, shared=True)  # assumed: the sister API's figure
    return Card("scalepad", {Entity.DEPARTMENT: departments}, pace)


def connect(connection: Connection, wire: "Wire", scrubber: Scrubber) -> Client:
    """Open a client over a wire to the connection's ``base_url`` (it ends in ``/v2``)."""
    from sources.scalepad.client import ScalePadClient

    return ScalePadClient(connection, wire, scrubber)


VENDOR = Vendor(
    name="scalepad",
    title="ScalePad AMM",
    resources=(DEPARTMENTS,),
    options={"client_id": (str, True)},
    tenant=("client_id",),
    secrets=(("token",),),
    card=card,
    connect=connect,
)
