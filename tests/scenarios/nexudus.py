"""Nexudus: pages, partial lists completed by id, records by id, and full PUTs (vendors/nexudus.md)."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from mappings.model import Entity
from sources.message import Call, Reply
from sources.nexudus.client import NexudusClient
from sources.nexudus.judge import judge
from sources.nexudus.sandbox import NexudusTwin
from sources.twin import Ticker, TwinReply
from sources.vendor import Delta
from tests.clock import FakeClock
from tests.scenarios.stage import SECRETS, Failure, Scenes, Stage, failed, read_all, summary, values_of

DEPARTMENT, TEAM, TASK = Entity.DEPARTMENT, Entity.TEAM, Entity.TASK
SCENES = Scenes("nexudus")
COWORKER, USER, FIRST = 1_370_000_001, 1_370_000_002, 1_370_000_003
DUE = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
ENDS = {"ends": "HasNextPage false", "complete": True}
THROTTLED = TwinReply(409, b"", {"Retry-After": "3"})


def location(_clock: FakeClock, **switches: Any) -> NexudusTwin:
    """A location with one coworker and one administrator; every record has its own second."""
    now = Ticker(datetime(2025, 1, 15, 10, 30, tzinfo=UTC))
    twin = NexudusTwin(**{"token": SECRETS["nexudus"]["token"], "now": now, **switches})
    twin.add_coworker("Ann Example", "ann@example.test")
    twin.add_user("Bo Example", "bo@example.test")
    return twin


def staffed(clock: FakeClock, **switches: Any) -> NexudusTwin:
    """A location with two records of each kind, every array filled."""
    twin = location(clock, **switches)
    for name in ("Billing", "IT 支持"):
        twin.add_department(Name=name, Description=f"About {name}", Managers=[USER], TaskListId=9)
    for name in ("Red", "Blue"):
        twin.add_team(Name=name, Description=f"Team {name}", TeamMembers=[COWORKER], ExtraServices=[5], Twitter="@x")
    for name in ("Call", "Write"):
        fields = {"Name": name, "Notes": f"{name} Ann", "CoworkerId": COWORKER, "ResponsibleId": USER}
        twin.add_task(**fields, DueDate="2026-07-01T09:30:00Z", NotifyByEmail=True)
    return twin


def wait(twin: NexudusTwin, span: timedelta) -> None:
    """Let time go by at the vendor."""
    assert isinstance(twin._now, Ticker)
    twin._now._next += span


def departments(clock: FakeClock) -> NexudusTwin:
    """A location with five departments."""
    twin = location(clock)
    for number in range(1, 6):
        twin.add_department(Name=f"Department {number}", Description="x", Managers=[USER])
    return twin


def send(stage: Stage, call: Call) -> Any:
    """A call as it is, signed and judged as the client's own are: the answer's JSON."""
    client = stage.client
    assert isinstance(client, NexudusClient)
    replies: list[Reply] = []

    def verdict(reply: Reply) -> None:
        judge(reply, call, "a role")
        replies.append(reply)

    client._access.exchange(call, verdict)
    return replies[-1].json()


def record(stage: Stage, entity: Entity, number: int) -> Mapping[str, Any]:
    """A record in the vendor's words, as the client observes it."""
    return stage.client.observe(entity, str(number)).record


def plant(reply: TwinReply, times: int = 1) -> Callable[[NexudusTwin], None]:
    """Answer this in place of the real answer."""
    return lambda twin: twin.faults.extend([lambda _request, _execute: reply] * times)


@SCENES.add(
    departments,
    calls=3,
    seen={
        "rows": {str(FIRST + n): (f"Department {n + 1}", "x", 123) for n in range(5)},
        "pages": 3,
        "declared": 5,
        **ENDS,
    },
)
def list_departments_in_pages(stage: Stage) -> object:
    """Three pages hold every department once; what lists show of it is enough."""
    return summary(read_all(stage, "nexudus", DEPARTMENT, 2), "Name", "Description", "BusinessId")


@SCENES.add(
    staffed,
    calls=2,
    seen={
        "rows": {
            str(FIRST + 2): ("Red", [COWORKER], [], [5]),
            str(FIRST + 3): ("Blue", [COWORKER], [], [5]),
        },
        "pages": 1,
        "declared": 2,
        **ENDS,
    },
)
def list_teams(stage: Stage) -> object:
    """A list shows no members; the batch by id does, and nobody takes the list's null for a team without members."""
    found = read_all(stage, "nexudus", TEAM)
    return summary(found, "Name", "TeamMembers", "TeamAdministrators", "ExtraServices")


TASKS = {
    "rows": {str(FIRST + 4): ("Call", "Call Ann", True), str(FIRST + 5): ("Write", "Write Ann", True)},
    "pages": 1,
    "declared": 2,
    **ENDS,
}


@SCENES.add(staffed, calls=1, seen=TASKS)
def list_tasks(stage: Stage) -> object:
    """A task list that shows notes needs no further call."""
    return summary(read_all(stage, "nexudus", TASK), "Name", "Notes", "NotifyByEmail")


@SCENES.add(
    staffed,
    calls=2,
    seen=(
        {"rows": {str(FIRST + 4): ("Call", True)}, "pages": 1, "declared": 1, **ENDS},
        (datetime(2025, 1, 15, 11, 20, tzinfo=UTC), "incremental"),
    ),
)
def list_changed_tasks(stage: Stage) -> object:
    """What changed since the last read, by the vendor's own clock: one call holds the changed task and no other."""
    stage.meanwhile(lambda twin: wait(twin, timedelta(hours=1)))
    watermark = read_all(stage, "nexudus", TASK).receipt.watermark
    assert watermark
    stage.meanwhile(lambda twin: twin.edit("task", FIRST + 4, Completed=True))
    since = (watermark - timedelta(minutes=10)).replace(second=0)
    found = read_all(stage, "nexudus", TASK, delta=Delta(since, watermark, lambda _ids: {}))
    return summary(found, "Name", "Completed"), (found.receipt.since, str(found.receipt.mode))


@SCENES.add(partial(staffed, list_blanks_notes=True), calls=2, seen=TASKS)
def list_tasks_without_notes(stage: Stage) -> object:
    """Where task lists hold the notes back, a batch by id brings them."""
    return summary(read_all(stage, "nexudus", TASK), "Name", "Notes", "NotifyByEmail")


@SCENES.add(location, calls=1, seen={"rows": {}, "pages": 1, "declared": 0, **ENDS})
def list_empty(stage: Stage) -> object:
    """A location without teams is a complete read of nothing."""
    return summary(read_all(stage, "nexudus", TEAM), "Name")


@SCENES.add(
    staffed,
    calls=3,
    seen=(
        {"name": "IT 支持", "description": "About IT 支持", "active": True},
        {"name": "Red", "description": "Team Red"},
        {
            "title": "Call",
            "notes": "Call Ann",
            "completed": False,
            "due_at": DUE,
            "assignee_id": f"user:{USER}",
            "subject_id": f"coworker:{COWORKER}",
        },
    ),
)
def observe_by_id(stage: Stage) -> object:
    """One record of each kind by its id, in canonical terms."""
    asked = ((DEPARTMENT, 1), (TEAM, 2), (TASK, 4))
    return tuple(values_of(stage.client, entity, str(FIRST + n)) for entity, n in asked)


@SCENES.add(staffed, calls=3, seen=(Failure("Gone", says="not there"),) * 3)
def gone_404(stage: Stage) -> object:
    """ "Not found" says that a record is gone, for each kind."""
    return tuple(
        failed(lambda kind=entity: stage.client.observe(kind, "404"), "not there")  # type: ignore[misc]  # a default binds the loop's value
        for entity in (DEPARTMENT, TEAM, TASK)
    )


@SCENES.add(staffed, calls=2, seen=Failure("Gone", says="not there"))
def gone_before_the_put(stage: Stage) -> object:
    """A record that goes between its reading and its PUT is gone, and is not made anew."""
    seen = stage.client.observe(TEAM, str(FIRST + 2))
    stage.meanwhile(lambda twin: twin.remove("team", FIRST + 2))
    return failed(lambda: stage.client.change(TEAM, seen, {"name": "New"}), "not there")


def renamed(stage: Stage, entity: Entity, number: int, field: str) -> tuple[set[str], object]:
    """Rename a record: which of its fields changed, and the new name."""
    before = stage.client.observe(entity, str(number))
    stage.client.change(entity, before, {field: "New 名"})
    after = record(stage, entity, number)
    return {name for name in after if after[name] != before.record.get(name)}, after["Name"]


RENAMED = ({"Name", "ToStringText", "UpdatedOn"}, "New 名")


@SCENES.add(staffed, calls=3, seen=RENAMED)
def rename_department(stage: Stage) -> object:
    """A rename sends the whole department back: its managers and its task list stay."""
    return renamed(stage, DEPARTMENT, FIRST, "name")


@SCENES.add(staffed, calls=3, seen=RENAMED)
def rename_team(stage: Stage) -> object:
    """A rename sends the whole team back: its members stay."""
    return renamed(stage, TEAM, FIRST + 2, "name")


@SCENES.add(staffed, calls=3, seen=RENAMED)
def rename_task(stage: Stage) -> object:
    """A rename sends the whole task back: its notes, people and due date stay."""
    return renamed(stage, TASK, FIRST + 4, "title")


@SCENES.add(staffed, calls=3, seen=({"Completed", "DueDate", "DueDateLocal", "UpdatedOn"}, "2026-08-02T10:00:00Z"))
def task_done_and_put_off(stage: Stage) -> object:
    """A new due date goes without the old local one, which could undo it."""
    before = stage.client.observe(TASK, str(FIRST + 4))
    stage.client.change(TASK, before, {"completed": True, "due_at": datetime(2026, 8, 2, 10, tzinfo=UTC)})
    after = record(stage, TASK, FIRST + 4)
    return {name for name in after if after[name] != before.record.get(name)}, after["DueDate"]
