"""Nexudus: throttling, missing roles, and signing in with a name and password (vendors/nexudus.md)."""

from dataclasses import replace
from functools import partial

from sources.http import ATTEMPTS
from sources.twin import TwinReply
from tests.scenarios.nexudus import (
    COWORKER,
    DEPARTMENT,
    FIRST,
    TASK,
    TASKS,
    TEAM,
    USER,
    location,
    plant,
    record,
    staffed,
)
from tests.scenarios.stage import LOGIN, Failure, Scenes, Stage, failed, read_all, summary

SCENES = Scenes("nexudus")
THROTTLED = TwinReply(409, b"", {"Retry-After": "3"})


@SCENES.add(location, calls=2, seen=(str(FIRST), [3.0]))
def throttled_409(stage: Stage) -> object:
    """The documented throttle is a 409: it is waited for as long as it says, and the team is made once."""
    stage.meanwhile(plant(THROTTLED))
    return stage.client.create(TEAM, {"name": "T"}), stage.clock.slept


@SCENES.add(staffed, calls=3, seen=(TASKS, [3.0, 3.0]))
def throttled_reads_429(stage: Stage) -> object:
    """A list that is throttled twice is whole in the end."""
    stage.meanwhile(plant(replace(THROTTLED, status=429), 2))
    return summary(read_all(stage, "nexudus", TASK), "Name", "Notes", "NotifyByEmail"), stage.clock.slept


@SCENES.add(partial(location, throttle=0), calls=ATTEMPTS, seen=Failure("Throttled"))
def throttled_for_good(stage: Stage) -> object:
    """A throttle that does not end is told as such: nothing was made, and nothing is unknown."""
    return failed(lambda: stage.client.create(TEAM, {"name": "T"}))


@SCENES.add(partial(staffed, token="tok-of-another"), calls=2, seen=(Failure("Denied", says="Team-Read"), False))
def denied_401(stage: Stage) -> object:
    """A 401 names the role that may be missing, and is not an empty list."""
    lost = failed(lambda: stage.client.observe(TEAM, str(FIRST + 2)), "Team-Read")
    return lost, read_all(stage, "nexudus", TEAM).receipt.complete


@SCENES.add(
    partial(staffed, roles=frozenset({"Team-List"})),
    calls=2,
    seen=(Failure("Denied", says="CoworkerTask-Create"), Failure("Denied", says="HelpDeskDepartment-Read")),
)
def denied_roles(stage: Stage) -> object:
    """A user without the role for a call is told which one it is."""
    values = {"title": "T", "assignee_id": f"user:{USER}", "subject_id": f"coworker:{COWORKER}"}
    lost = failed(lambda: stage.client.create(TASK, values), "CoworkerTask-Create")
    return lost, failed(lambda: stage.client.observe(DEPARTMENT, str(FIRST)), "HelpDeskDepartment-Read")


with_password = partial(staffed, token=None, username=LOGIN["username"], password=LOGIN["password"])


@SCENES.add(with_password, calls=4, seen=("Red", str(FIRST + 6)), secrets=LOGIN)
def login(stage: Stage) -> object:
    """A user's name and password fetch one token for all that follows."""
    name = record(stage, TEAM, FIRST + 2)["Name"]
    made = stage.client.create(TEAM, {"name": "T"})
    stage.client.observe(TEAM, made)
    return name, made


@SCENES.add(with_password, calls=5, seen=(str(FIRST + 6), "T"), secrets=LOGIN)
def login_renewed(stage: Stage) -> object:
    """A token that expired is renewed once, and the write that met it is made once."""
    stage.client.observe(TEAM, str(FIRST + 2))
    stage.meanwhile(lambda twin: twin.desk.expire())
    return stage.client.create(TEAM, {"name": "T"}), "T"


@SCENES.add(
    partial(location, token=None, username=LOGIN["username"], password="another"),
    calls=1,
    seen=(Failure("Denied", says="invalid_grant"),) * 2,
    secrets=LOGIN,
)
def login_refused(stage: Stage) -> object:
    """A refused sign-in is tried once: in a loop it would lock the user out."""
    lost = failed(lambda: stage.client.create(TEAM, {"name": "T"}), "invalid_grant")
    return lost, failed(lambda: stage.client.observe(TEAM, str(FIRST)), "invalid_grant")


@SCENES.add(
    partial(location, token=None, username=LOGIN["username"], password="another", login_refused_status=401),
    calls=1,
    seen=Failure("Denied", says="HTTP 401"),
    secrets=LOGIN,
)
def login_refused_401(stage: Stage) -> object:
    """The same where the refusal is a 401."""
    return failed(lambda: stage.client.create(TEAM, {"name": "T"}), "HTTP 401")
