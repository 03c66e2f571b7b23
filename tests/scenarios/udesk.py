"""Udesk: the documented tree, creates, a rename, and a delete (Udesk's page "departments")."""

from functools import partial
from typing import Any

from mappings.model import Entity
from sources.errors import Gone
from sources.message import Call, Reply
from sources.twin import Fault, TwinReply
from sources.udesk.answers import accept
from sources.udesk.client import UdeskClient
from sources.udesk.sandbox import UdeskTwin
from sources.vendor import Observed
from tests.clock import FakeClock
from tests.scenarios.stage import SECRETS, Failure, Scenes, Stage, failed, read_all, summary, values_of

D = Entity.DEPARTMENT
PATH = "/open_api_v1/departments"
SCENES = Scenes("udesk")
DOCUMENTED = ((1, "Department 1", 0), (10, "Sub-department 1", 1), (11, "Sub-department 2", 10))
TREE = {
    "rows": {
        "1": ("Department 1", 0),
        "2": ("Department 2", 0),
        "3": ("Department 3", 0),
        "10": ("Sub-department 1", 1),
        "11": ("Sub-department 2", 10),
    },
    "pages": 1,
    "declared": None,
    "ends": "single page",
    "complete": True,
}


def company(_clock: FakeClock, **switches: Any) -> UdeskTwin:
    """The tenant of the documented list."""
    held = SECRETS["udesk"]
    settings = {"email": held["email"], "token": held["open_api_token"], "now": _clock.now, **switches}
    twin = UdeskTwin(**settings)
    for key, name, parent in (*DOCUMENTED, (2, "Department 2", 0), (3, "Department 3", 0)):
        twin.add_department(name, parent, id=key)
    return twin


def empty(clock: FakeClock) -> UdeskTwin:
    """A tenant without departments."""
    twin = company(clock)
    twin._departments.clear()
    twin._last = 0
    return twin


def send(stage: Stage, call: Call) -> dict[str, Any]:
    """A call as it is, signed and judged as the client's own are: the accepted body."""
    client = stage.client
    assert isinstance(client, UdeskClient)
    found: list[dict[str, Any]] = []

    def verdict(reply: Reply) -> None:
        found.append(accept(reply, stage.clock.now()))

    client.wire.exchange(call, verdict, client._auth)
    return found[-1]


@SCENES.add(partial(company, listing="subtree"), calls=1, seen=TREE)
def list_subtree(stage: Stage) -> object:
    """The documented list shows id 11 twice; it is one department, below the deepest place."""
    return summary(read_all(stage, "udesk", D), "name", "parent_id")


@SCENES.add(partial(company, listing="tree"), calls=1, seen=TREE)
def list_tree(stage: Stage) -> object:
    """A list that shows every id once gives the same tree."""
    return summary(read_all(stage, "udesk", D), "name", "parent_id")


@SCENES.add(partial(company, code_as_text=True), calls=1, seen=TREE)
def list_code_as_text(stage: Stage) -> object:
    """A code that is text counts as the number."""
    return summary(read_all(stage, "udesk", D), "name", "parent_id")


@SCENES.add(empty, calls=1, seen={**TREE, "rows": {}})
def list_empty(stage: Stage) -> object:
    """A tenant without departments is a complete read of nothing."""
    return summary(read_all(stage, "udesk", D), "name", "parent_id")


@SCENES.add(company, calls=2, seen=("12", {"name": "Department 12", "parent_id": "1"}))
def create_below_parent(stage: Stage) -> object:
    """The documented create: name and parent; the answer tells the id alone."""
    made = stage.client.create(D, {"name": "Department 12", "parent_id": "1"})
    return made, values_of(stage.client, D, made)


@SCENES.add(company, calls=2, seen=("12", {"name": "客服部 😀", "parent_id": None}))
def create_at_the_top(stage: Stage) -> object:
    """A create with the required name alone stands at the top."""
    made = stage.client.create(D, {"name": "客服部 😀"})
    return made, values_of(stage.client, D, made)


@SCENES.add(company, calls=1, seen={"code": 1000, "id": 12})
def create_without_parent_id(stage: Stage) -> object:
    """A body without parent_id is accepted: its default is 0."""
    return send(stage, Call("POST", PATH, body={"name": "Department 12"}))


@SCENES.add(
    company, calls=3, seen=({"name": "New Department", "parent_id": "1"}, {"name": "Department 2", "parent_id": None})
)
def rename(stage: Stage) -> object:
    """The documented edit changes the name, leaves the parent, and touches no other department."""
    stage.client.change(D, stage.client.observe(D, "10"), {"name": "New Department"})
    return values_of(stage.client, D, "10"), dict(stage.client.observe(D, "2").values)


@SCENES.add(
    company,
    calls=2,
    seen=({"id": 11, "name": "Moved", "parent_id": 10}, {"name": "Moved", "parent_id": "10"}),
)
def put_ignores_parent(stage: Stage) -> object:
    """A parent_id in a PUT is ignored without a word, which is why no move is ever sent."""
    answer = send(stage, Call("PUT", f"{PATH}/11", body={"name": "Moved", "parent_id": 2}))
    return answer["department"], values_of(stage.client, D, "11")


@SCENES.add(company, calls=2, seen=("Department with ID 11 deleted successfully", Failure("Gone")))
def delete_leaf(stage: Stage) -> object:
    """The documented delete: the answer tells the id in words, and the list holds it no more."""
    said = send(stage, Call("DELETE", f"{PATH}/11"))["message"]
    return said, failed(lambda: stage.client.observe(D, "11"))


@SCENES.add(company, calls=4, seen=Failure("Gone"))
def delete_after_a_look(stage: Stage) -> object:
    """A delete asks for the list and the agents before it is sent: nothing stands below, and nobody belongs to it."""
    stage.client.delete(D, stage.client.observe(D, "11"))
    return failed(lambda: stage.client.observe(D, "11"))


@SCENES.add(company, calls=1, seen=Failure("Rejected", "not_empty", "parent_id", "1 stand below it (Sub-department 2)"))
def delete_not_a_leaf(stage: Stage) -> object:
    """A department that another stands below is not deleted, and nothing is sent: no page says what would happen."""
    seen = Observed("10", {}, {})
    return failed(lambda: stage.client.delete(D, seen), "1 stand below it (Sub-department 2)")


_READS: list[Fault] = [lambda _request, _execute: None] * 2  # the list and the agents, before a delete


def _gone_meanwhile(_request: Any, _execute: Any) -> TwinReply | None:
    return TwinReply.of(200, {"code": 2000, "message": "未知错误", "exception": {"message": "资源未找到"}})


def staffed(clock: FakeClock) -> UdeskTwin:
    """The documented tenant with an agent in a department, and a disabled one in another."""
    twin = company(clock)
    twin.agents.add("Ann", [10, 11])
    twin.agents.add("Bo", [3], disabled=True)
    return twin


HELD = Failure("Rejected", "not_empty", None, "has 1 agents")


@SCENES.add(staffed, calls=4, seen=(HELD, HELD))
def delete_with_agents(stage: Stage) -> object:
    """A department to which an agent belongs, a disabled one too, is not deleted, and nothing is sent."""
    found = [failed(lambda key=key: stage.client.delete(D, Observed(key, {}, {})), HELD.says) for key in ("11", "3")]  # type: ignore[misc]  # a default binds the loop's value
    return tuple(found)


@SCENES.add(company, calls=3, seen=Failure("Gone", says="code 2000"))
def delete_gone_zh(stage: Stage) -> object:
    """A department that somebody deleted between the list and the delete is gone, in Chinese too."""
    stage.meanwhile(lambda twin: twin.faults.extend([*_READS, _gone_meanwhile]))
    return failed(lambda: stage.client.delete(D, Observed("11", {}, {})), "code 2000")


@SCENES.add(company, calls=4, seen=("Unknown", "Gone"))
def delete_answer_lost(stage: Stage) -> object:
    """A proxy's page instead of the answer leaves a delete unknown; it is not sent again, and looking settles it."""
    stage.meanwhile(lambda twin: twin.faults.extend([*_READS, _lost]))
    lost = failed(lambda: stage.client.delete(D, Observed("11", {}, {})))
    gone = failed(lambda: stage.client.observe(D, "11"))
    return lost and lost.kind, gone and gone.kind


@SCENES.add(partial(company, limit_per_minute=1), calls=3, seen=("12", [60.0]))
def throttled_429(stage: Stage) -> object:
    """Throttled by HTTP 429, a create waits for the next minute and is made once."""
    return _create_throttled(stage)


@SCENES.add(partial(company, limit_per_minute=1, throttle="2000", language="zh"), calls=3, seen=("12", [60.0]))
def throttled_2000_zh(stage: Stage) -> object:
    """Throttled by code 2000 with a Chinese text, it does the same."""
    return _create_throttled(stage)


def _create_throttled(stage: Stage) -> object:
    failed(lambda: stage.client.observe(D, "404"))
    return stage.client.create(D, {"name": "Department 12"}), stage.clock.slept


def _lost(request: Any, execute: Any) -> TwinReply:
    execute(request)
    return TwinReply(502, b"<html><body>Bad gateway</body></html>", {"Content-Type": "text/html"})


@SCENES.add(company, calls=2, seen=("Unknown", {"name": "Department 12", "parent_id": "1"}))
def create_answer_lost(stage: Stage) -> object:
    """A proxy's page instead of the answer leaves a create unknown; it is not sent again, and looking settles it."""
    stage.meanwhile(lambda twin: twin.faults.append(_lost))
    lost = failed(lambda: stage.client.create(D, {"name": "Department 12", "parent_id": "1"}))
    return lost.kind if lost else None, values_of(stage.client, D, "12")


@SCENES.add(company, calls=1, seen=Gone.__name__)
def observe_unknown(stage: Stage) -> object:
    """A department that the list does not hold is gone."""
    lost = failed(lambda: stage.client.observe(D, "404"))
    return lost.kind if lost else None
