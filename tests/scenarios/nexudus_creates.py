"""Nexudus: the three documented creates, with required fields alone and with every optional one, and their refusals."""

from functools import partial
from typing import Any

from mappings.model import Entity, Value
from sources.message import Call
from sources.twin import TwinReply
from tests.scenarios.nexudus import (
    COWORKER,
    DEPARTMENT,
    DUE,
    FIRST,
    TASK,
    TEAM,
    USER,
    location,
    plant,
    record,
    send,
)
from tests.scenarios.stage import Failure, Scenes, Stage, failed, read_all, values_of

SCENES = Scenes("nexudus")
PATHS = {
    DEPARTMENT: "/api/support/helpdeskdepartments",
    TEAM: "/api/spaces/teams",
    TASK: "/api/crm/coworkertasks",
}
PEOPLE = {"assignee_id": f"user:{USER}", "subject_id": f"coworker:{COWORKER}"}
BLANK_TASK = {"notes": None, "completed": False, "due_at": None}
EVERY_DEPARTMENT_FIELD = {
    "BusinessId": 123,
    "Name": "D",
    "Description": "x",
    "Active": True,
    "Managers": [USER],
    "TaskListId": 7,
}
TEXTS = (
    *("TunnelPrivateGroupId", "ProfileSummary", "ProfileTags", "ProfileWebsite", "Twitter", "Facebook", "Linkedin"),
    *("Skype", "Telegram", "Github", "Pinterest", "Flickr", "Instagram", "Vimeo", "Tumblr", "Blogger"),
)
FLAGS = (
    *("CreateSingleInvoiceForTeam", "UseSpecialPrices", "TransferCreditsToPayingMember", "ShareTimePasses"),
    *("ShareExtraServices", "ShareBookingCredit", "ProfileIsPublic", "HasCommunityGroup"),
    "DisableAttendanceDashboard",
)
NUMBERS = ("DefaultMemberTariffId", "MaxTeamMemberCount", "DiscountExtraServices", "DiscountTimePasses")
EVERY_TEAM_FIELD: dict[str, Any] = {
    "BusinessId": 123,
    "Name": "T",
    "Description": "x",
    "TeamMembers": [COWORKER],
    "TeamAdministrators": [COWORKER],
    "ExtraServices": [5, 6],
    "PayingMemberId": COWORKER,
    **{name: f"{name} 值" for name in TEXTS},
    **dict.fromkeys(FLAGS, True),
    **dict.fromkeys((*NUMBERS, "DiscountCharges", "DiscountTariffs"), 12),
}
EVERY_TASK_FIELD = {
    "BusinessId": 123,
    "CoworkerId": COWORKER,
    "ResponsibleId": USER,
    "Name": "Call",
    "Notes": "Two\nlines",
    "TaskItemUniqueId": "0b1c2d3e-0000-4000-8000-000000000000",
    "Completed": True,
    "DueDate": "2026-07-01T09:30:00Z",
    "Reminded": True,
    "NotifyByEmail": True,
    "DisplayToEveryone": True,
    "DueDateLocal": "2026-07-01T11:30:00Z",
}


def required(field: str) -> Failure:
    """The documented refusal of a create without this field."""
    return Failure("Rejected", "vendor_rejected", field, f"HTTP 400): {field}: is a required field")


def refused(stage: Stage, entity: Entity, field: str, **values: Any) -> Failure | None:
    """How a create without a field failed."""
    return failed(lambda: stage.client.create(entity, values), required(field).says)


def held(stage: Stage, entity: Entity, sent: dict[str, Any]) -> object:
    """Create a record as it is: the answer's message, and every field that reads back other than it was sent."""
    answer = send(stage, Call("POST", PATHS[entity], body=sent))
    found = record(stage, entity, answer["Value"]["Id"])
    return answer["Message"], {name: found[name] for name in sent if found[name] != sent[name]}


@SCENES.add(location, calls=2, seen=(str(FIRST), {"name": "Billing", "description": "Bills", "active": True}))
def create_department(stage: Stage) -> object:
    """A help desk department with its required fields is made active: left out, that would be false."""
    made = stage.client.create(DEPARTMENT, {"name": "Billing", "description": "Bills"})
    return made, values_of(stage.client, DEPARTMENT, made)


@SCENES.add(location, calls=2, seen=("HelpDeskDepartment was successfully created.", {}))
def create_department_every_field(stage: Stage) -> object:
    """Every documented optional field of a department reads back as it was sent."""
    return held(stage, DEPARTMENT, EVERY_DEPARTMENT_FIELD)


@SCENES.add(location, calls=2, seen=(str(FIRST), {"name": "研发 '; DROP", "description": None}))
def create_team(stage: Stage) -> object:
    """A team with its required fields."""
    made = stage.client.create(TEAM, {"name": "研发 '; DROP", "description": None})
    return made, values_of(stage.client, TEAM, made)


@SCENES.add(location, calls=2, seen=(str(FIRST), {"name": "Red", "description": "The red team"}))
def create_team_described(stage: Stage) -> object:
    """A team with a description."""
    made = stage.client.create(TEAM, {"name": "Red", "description": "The red team"})
    return made, values_of(stage.client, TEAM, made)


@SCENES.add(location, calls=2, seen=("Team was successfully created.", {}))
def create_team_every_field(stage: Stage) -> object:
    """Every documented optional field of a team reads back as it was sent."""
    return held(stage, TEAM, EVERY_TEAM_FIELD)


@SCENES.add(location, calls=4, seen=(str(FIRST), {"Name", "ToStringText", "UpdatedOn"}))
def rename_team_every_field(stage: Stage) -> object:
    """A rename of a team in which every documented field is filled changes its name alone."""
    made = str(send(stage, Call("POST", PATHS[TEAM], body=EVERY_TEAM_FIELD))["Value"]["Id"])
    before = stage.client.observe(TEAM, made)
    stage.client.change(TEAM, before, {"name": "New"})
    after = record(stage, TEAM, int(made))
    return made, {name for name in after if after[name] != before.record[name]}


@SCENES.add(partial(location, post_returns_record=True), calls=1, seen=str(FIRST))
def create_team_answered_whole(stage: Stage) -> object:
    """An answer that holds the whole record, as one client saw it, gives the same id."""
    return stage.client.create(TEAM, {"name": "Red"})


@SCENES.add(location, calls=2, seen=(str(FIRST), {"title": "Call", **BLANK_TASK, **PEOPLE}))
def create_task(stage: Stage) -> object:
    """A task with its required fields: whose it is and whom it is about."""
    made = stage.client.create(TASK, {"title": "Call", **PEOPLE})
    return made, values_of(stage.client, TASK, made)


@SCENES.add(
    location, calls=2, seen={"title": "Call", "notes": "Two\nlines", "completed": True, "due_at": DUE, **PEOPLE}
)
def create_task_with_options(stage: Stage) -> object:
    """Notes, completion and the due moment read back as they were written, in UTC."""
    values: dict[str, Value] = {"title": "Call", "notes": "Two\nlines", "completed": True, "due_at": DUE, **PEOPLE}
    return values_of(stage.client, TASK, stage.client.create(TASK, values))


@SCENES.add(location, calls=2, seen=("CoworkerTask was successfully created.", {}))
def create_task_every_field(stage: Stage) -> object:
    """Every documented optional field of a task reads back as it was sent."""
    return held(stage, TASK, EVERY_TASK_FIELD)


@SCENES.add(location, calls=2, seen=(required("Name"), required("Description")))
def refused_department(stage: Stage) -> object:
    """A department without a name is refused, and one without a description too."""
    nameless = refused(stage, DEPARTMENT, "Name", description="x")
    bare = Call("POST", PATHS[DEPARTMENT], body={"BusinessId": 123, "Name": "D"})  # the client would fill it in
    return nameless, failed(lambda: send(stage, bare), required("Description").says)


@SCENES.add(location, calls=2, seen=(required("Name"), 0))
def refused_team(stage: Stage) -> object:
    """A team without a name is refused, and none is there."""
    return refused(stage, TEAM, "Name", description="x"), read_all(stage, "nexudus", TEAM).receipt.distinct


@SCENES.add(location, calls=3, seen=(required("Name"), required("CoworkerId"), required("ResponsibleId")))
def refused_task(stage: Stage) -> object:
    """A task without a name, without its subject or without its assignee is refused, and the field is named."""
    return (
        refused(stage, TASK, "Name", **PEOPLE),
        refused(stage, TASK, "CoworkerId", title="T", assignee_id=PEOPLE["assignee_id"]),
        refused(stage, TASK, "ResponsibleId", title="T", subject_id=PEOPLE["subject_id"]),
    )


@SCENES.add(
    location, calls=1, seen=Failure("Rejected", "vendor_rejected", "BusinessId", "BusinessId: is a required field")
)
def refused_without_business(stage: Stage) -> object:
    """A create that names no location is refused."""
    return failed(lambda: send(stage, Call("POST", PATHS[TEAM], body={"Name": "T"})), "BusinessId: is a required field")


@SCENES.add(location, calls=1, seen=Failure("Rejected", "vendor_rejected", "Coworker", "Coworker: was not found"))
def refused_stranger(stage: Stage) -> object:
    """A task about nobody is refused by the relation's name."""
    values: dict[str, Value] = {"title": "T", **PEOPLE, "subject_id": "coworker:404"}
    return failed(lambda: stage.client.create(TASK, values), "Coworker: was not found")


FAILED_200 = {
    "Status": 500,
    "Message": "Name: is already taken",
    "Value": None,
    "Errors": [{"AttemptedValue": "T", "Message": "is already taken", "PropertyName": "Name"}],
    "WasSuccessful": False,
}


@SCENES.add(location, calls=1, seen=Failure("Rejected", "vendor_rejected", "Name", "Name: is already taken"))
def refused_with_200(stage: Stage) -> object:
    """A refusal that comes as HTTP 200 is none the less a refusal: WasSuccessful decides."""
    stage.meanwhile(plant(TwinReply.of(200, FAILED_200)))
    return failed(lambda: stage.client.create(TEAM, {"name": "T"}), "Name: is already taken")


@SCENES.add(location, calls=2, seen=(Failure("Unknown"), 0))
def create_answer_lost(stage: Stage) -> object:
    """A 500 instead of the answer to a create leaves it unknown; it is not sent again."""
    stage.meanwhile(plant(TwinReply(500, b"<html>Runtime Error</html>", {"Content-Type": "text/html"})))
    lost = failed(lambda: stage.client.create(TEAM, {"name": "T"}))
    return lost, read_all(stage, "nexudus", TEAM).receipt.distinct
