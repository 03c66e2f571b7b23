"""Nexudus: deletes by id, a department that is switched off, and their refusals (vendors/nexudus.md, section 1)."""

from mappings.model import Entity
from sources.twin import TwinReply
from sources.vendor import Observed
from tests.scenarios.nexudus import DEPARTMENT, FIRST, TASK, TEAM, plant, record, staffed
from tests.scenarios.stage import Failure, Scenes, Stage, failed

SCENES = Scenes("nexudus")


@SCENES.add(staffed, calls=9, seen=((Failure("Gone", says="not there"),) * 2,) * 3)
def delete_each_kind(stage: Stage) -> object:
    """A department, a team and a task are deleted by their ids; a second delete, and a look, find them gone."""

    def deleted(entity: Entity, number: int) -> object:
        seen = Observed(str(number), {}, {})
        stage.client.delete(entity, seen)
        again = failed(lambda: stage.client.delete(entity, seen), "not there")
        return again, failed(lambda: stage.client.observe(entity, seen.source_id), "not there")

    return tuple(deleted(*one) for one in ((DEPARTMENT, FIRST), (TEAM, FIRST + 2), (TASK, FIRST + 4)))


@SCENES.add(staffed, calls=3, seen=({"Active", "UpdatedOn"}, False))
def department_switched_off(stage: Stage) -> object:
    """A department is switched off by a PUT that sends everything else of it back."""
    before = stage.client.observe(DEPARTMENT, str(FIRST))
    stage.client.change(DEPARTMENT, before, {"active": False})
    after = record(stage, DEPARTMENT, FIRST)
    return {name for name in after if after[name] != before.record.get(name)}, after["Active"]


@SCENES.add(staffed, calls=1, seen=Failure("Rejected", "vendor_rejected", "Name", "HTTP 200"))
def delete_refused_200(stage: Stage) -> object:
    """A delete that is answered 200 without WasSuccessful, and with an error, was refused."""
    error = {"AttemptedValue": None, "Message": "is in use", "PropertyName": "Name"}
    told = {"Status": 500, "Message": "Name: is in use", "Value": None, "Errors": [error], "WasSuccessful": False}
    stage.meanwhile(plant(TwinReply.of(200, told)))
    return failed(lambda: stage.client.delete(TEAM, Observed(str(FIRST + 2), {}, {})), "HTTP 200")
