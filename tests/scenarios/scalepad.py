"""ScalePad AMM: the documented creates and errors, and what a PATCH changes (the AMM pages departments/*)."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from mappings.model import Entity
from sources.errors import Unavailable
from sources.message import Call, Reply
from sources.scalepad.client import ScalePadClient, accept
from sources.scalepad.sandbox import ScalePadTwin
from sources.twin import Ticker, TwinReply
from sources.vendor import Observed
from tests.clock import FakeClock
from tests.scenarios.stage import CLIENT_ID, SECRETS, Failure, Scenes, Stage, failed, read_all, values_of

D = Entity.DEPARTMENT
PATH = f"/clients/{CLIENT_ID}/departments"
SCENES = Scenes("scalepad")
DOCUMENTED = {"name": "Engineering", "description": "Software development and infrastructure teams"}
NAMES = ("Engineering", "Sales", "客服部", "Legal", "Ops")
TAKEN = Failure("Rejected", "name_taken", "name", "HTTP 409 conflict: A department with this name already exists")
NAMELESS = Failure("Rejected", "vendor_rejected", "name", "HTTP 400 invalid_request: Department name is required")


def key(number: int) -> str:
    """The id of the sandbox's nth department."""
    return str(uuid5(NAMESPACE_URL, f"{CLIENT_ID}/department/{number}"))


def firm(_clock: FakeClock, **switches: Any) -> ScalePadTwin:
    """A client without departments, from the documented sample's moment on."""
    start = datetime(2026, 2, 24, 10, tzinfo=UTC)
    return ScalePadTwin(**{"token": SECRETS["scalepad"]["token"], "now": Ticker(start), **switches})


def filled(clock: FakeClock, **switches: Any) -> ScalePadTwin:
    """A client with five departments."""
    twin = firm(clock, **switches)
    for name in NAMES:
        twin.add_department(name, f"About {name}")
    return twin


def send(stage: Stage, call: Call, expected: int) -> dict[str, Any]:
    """A call as it is, signed and judged as the client's own are: the accepted body."""
    client = stage.client
    assert isinstance(client, ScalePadClient)
    found: list[dict[str, Any]] = []

    def verdict(reply: Reply) -> None:
        found.append(accept(reply, expected, CLIENT_ID))

    client.wire.exchange(call, verdict, client._auth)
    return found[-1]


def plant(reply: TwinReply, *, before: int = 0) -> Callable[[ScalePadTwin], None]:
    """Answer this once in place of the real answer, after ``before`` real ones."""

    def act(twin: ScalePadTwin) -> None:
        twin.faults.extend([lambda _request, _execute: None] * before)
        twin.faults.append(lambda _request, _execute: reply)

    return act


@SCENES.add(firm, calls=2, seen=(key(1), DOCUMENTED))
def create(stage: Stage) -> object:
    """The documented create, with name and description."""
    made = stage.client.create(D, DOCUMENTED)
    return made, values_of(stage.client, D, made)


@SCENES.add(firm, calls=2, seen=(key(1), {"name": "Sales", "description": None}))
def create_name_only(stage: Stage) -> object:
    """The documented create with the name alone leaves the description empty."""
    made = stage.client.create(D, {"name": "Sales", "description": None})
    return made, values_of(stage.client, D, made)


@SCENES.add(
    firm,
    calls=1,
    seen={
        **DOCUMENTED,
        "id": key(1),
        "member_count": 0,
        "created_at": "2026-02-24T10:00:01.000Z",
        "updated_at": "2026-02-24T10:00:01.000Z",
    },
)
def create_answer(stage: Stage) -> object:
    """The answer to a create is the whole record, with no member."""
    return send(stage, Call("POST", PATH, body=DOCUMENTED), 201)


@SCENES.add(filled, calls=2, seen=(TAKEN, TAKEN))
def refused_name_taken(stage: Stage) -> object:
    """A name that this client has already is refused with 409, in whatever case it is written."""
    refused = failed(lambda: stage.client.create(D, {"name": "Sales"}), TAKEN.says)
    return refused, failed(lambda: stage.client.create(D, {"name": "SALES"}), TAKEN.says)


@SCENES.add(filled, calls=2, seen=TAKEN)
def refused_rename_taken(stage: Stage) -> object:
    """A rename to a used name is refused in the same way."""
    seen = stage.client.observe(D, key(1))
    return failed(lambda: stage.client.change(D, seen, {"name": "Sales"}), TAKEN.says)


@SCENES.add(firm, calls=3, seen=(NAMELESS, NAMELESS, NAMELESS))
def refused_name_missing(stage: Stage) -> object:
    """A name that is empty, blank or missing is refused with 400 and named as the field at fault."""
    empty = failed(lambda: stage.client.create(D, {"name": ""}), NAMELESS.says)
    blank = failed(lambda: stage.client.create(D, {"name": " "}), NAMELESS.says)
    return empty, blank, failed(lambda: send(stage, Call("POST", PATH, body={"description": "x"}), 201), NAMELESS.says)


@SCENES.add(partial(filled, token="tok-of-another"), calls=2, seen=(False, "HTTP 401", ()))
def denied_401(stage: Stage) -> object:
    """A token that is not accepted is not an empty list, and a write is not tried twice."""
    found = read_all(stage, "scalepad", D)
    lost = failed(lambda: stage.client.create(D, {"name": "A"}), "HTTP 401")
    return found.receipt.complete, lost and lost.says, found.pages


@SCENES.add(partial(filled, forbidden=True), calls=2, seen=(Failure("Denied", says="no permission"),) * 2)
def denied_403(stage: Stage) -> object:
    """A token without permission for this client ends the connection's work."""
    lost = failed(lambda: stage.client.observe(D, key(1)), "no permission")
    return lost, failed(lambda: stage.client.create(D, {"name": "A"}), "no permission")


@SCENES.add(partial(filled, client_id="another"), calls=2, seen=(Failure("Denied", says=f"client {CLIENT_ID}"),) * 2)
def denied_client_404(stage: Stage) -> object:
    """A 404 for the client is a wrong configuration: no department is taken for gone."""
    lost = failed(lambda: stage.client.observe(D, key(1)), f"client {CLIENT_ID}")
    return lost, failed(lambda: stage.client.create(D, {"name": "A"}), f"client {CLIENT_ID}")


@SCENES.add(filled, calls=2, seen=(Failure("Gone", says="Department not found"),) * 2)
def gone_404(stage: Stage) -> object:
    """A 404 for the department says that it is gone, for a read and for a change."""
    seen = Observed("no-such-id", {"name": "A", "description": None}, {})
    lost = failed(lambda: stage.client.observe(D, "no-such-id"), "Department not found")
    return lost, failed(lambda: stage.client.change(D, seen, {"name": "B"}), "Department not found")


@SCENES.add(filled, calls=3, seen=(Failure("Gone"), 4))
def delete_204(stage: Stage) -> object:
    """The documented delete answers 204 without a body, and the department is hidden everywhere."""

    def emptied(reply: Reply) -> None:
        if (reply.status, reply.body) != (204, b""):
            raise Unavailable(f"HTTP {reply.status}")

    assert isinstance(stage.client, ScalePadClient)
    stage.client.wire.exchange(Call("DELETE", f"{PATH}/{key(2)}"), emptied, stage.client._auth)
    return failed(lambda: stage.client.observe(D, key(2))), read_all(stage, "scalepad", D, 500).receipt.distinct


@SCENES.add(filled, calls=3, seen=(Failure("Gone", says="Department not found"),) * 2)
def delete_twice(stage: Stage) -> object:
    """A department is deleted once; a second delete, and a look, find it gone."""
    seen = Observed(key(2), {}, {})
    stage.client.delete(D, seen)
    again = failed(lambda: stage.client.delete(D, seen), "Department not found")
    return again, failed(lambda: stage.client.observe(D, key(2)), "Department not found")


@SCENES.add(partial(filled, client_id="another"), calls=1, seen=Failure("Denied", says=f"client {CLIENT_ID}"))
def delete_client_404(stage: Stage) -> object:
    """A 404 for the client is a wrong configuration: the department is not taken for deleted."""
    return failed(lambda: stage.client.delete(D, Observed(key(2), {}, {})), f"client {CLIENT_ID}")


@SCENES.add(filled, calls=2, seen=(Failure("Unknown"), 5))
def delete_answer_lost(stage: Stage) -> object:
    """A 500 instead of the 204 leaves a delete unknown; it is not sent again."""
    stage.meanwhile(plant(TwinReply.of(500, {"error": {"code": "internal_error", "message": "x"}})))
    lost = failed(lambda: stage.client.delete(D, Observed(key(2), {}, {})))
    return lost, read_all(stage, "scalepad", D, 500).receipt.distinct


@SCENES.add(filled, calls=3, seen={"name": "Platform", "description": "About Engineering"})
def rename(stage: Stage) -> object:
    """A PATCH of the name leaves the description as it is."""
    stage.client.change(D, stage.client.observe(D, key(1)), {"name": "Platform", "description": "About Engineering"})
    return values_of(stage.client, D, key(1))


@SCENES.add(filled, calls=3, seen={"name": "Engineering", "description": None})
def description_cleared(stage: Stage) -> object:
    """A description of null clears it, and the name stays."""
    stage.client.change(D, stage.client.observe(D, key(1)), {"description": None})
    return values_of(stage.client, D, key(1))


@SCENES.add(firm, calls=2, seen=(key(1), [7.0]))
def throttled_429(stage: Stage) -> object:
    """A 429 in plain text is waited for as long as it says, and the create is made once."""
    told = TwinReply(429, b"Too many requests", {"Content-Type": "text/plain", "Retry-After": "7"})
    stage.meanwhile(plant(told))
    return stage.client.create(D, {"name": "A"}), stage.clock.slept


@SCENES.add(filled, calls=2, seen=(Failure("Unknown"), 5))
def create_answer_lost(stage: Stage) -> object:
    """A 500 instead of the answer to a create leaves it unknown; it is not sent again."""
    stage.meanwhile(plant(TwinReply.of(500, {"error": {"code": "internal_error", "message": "x"}})))
    lost = failed(lambda: stage.client.create(D, {"name": "A"}))
    return lost, read_all(stage, "scalepad", D, 500).receipt.distinct
