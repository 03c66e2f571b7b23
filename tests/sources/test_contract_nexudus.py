from collections.abc import Mapping
from typing import Any

import pytest

from mappings.model import NAME_FIELD, Entity, Value
from sources.nexudus.settings import VENDOR
from sources.twin import TwinReply
from tests.contract import ContractSuite, Ground
from tests.sources.nexudus_rig import DUE, PAGED, Rig, filled_twin, task_values


class TestNexudus(ContractSuite):
    @pytest.fixture(params=list(PAGED))
    def entity(self, request: pytest.FixtureRequest) -> Entity:
        found: Entity = request.param
        return found

    def make(self, **switches: Any) -> Ground:
        twin, coworker, user = filled_twin(**switches)
        rig = Rig(twin)
        task = {"CoworkerId": coworker, "ResponsibleId": user, "Notes": "n", "DueDate": "2026-07-01T09:30:00Z"}

        def add(entity: Entity, number: int) -> int:
            match entity:
                case Entity.DEPARTMENT:
                    return twin.add_department(Name=f"D{number}", Description="x", Managers=[user], TaskListId=7)
                case Entity.TEAM:
                    members = {"TeamMembers": [coworker], "TeamAdministrators": [coworker], "ExtraServices": [5]}
                    return twin.add_team(
                        Name=f"T{number}", Description="x", Twitter="@t", ShareTimePasses=True, **members
                    )
                case _:
                    return twin.add_task(Name=f"C{number}", **task, NotifyByEmail=True, Completed=True)

        def held(entity: Entity) -> Mapping[str, Mapping[str, Any]]:
            return {str(key): twin.record(PAGED[entity], key) for key in twin.ids(PAGED[entity])}

        def fresh(entity: Entity, name: str) -> dict[str, Value]:
            if entity is Entity.TASK:
                return task_values(coworker, user, title=name, notes="n", due_at=DUE, completed=True)
            return {NAME_FIELD[entity]: name, "description": "About it"}

        return Ground(
            vendor=VENDOR,
            client=rig.client,
            twin=twin,
            clock=rig.clock,
            seed=lambda entity, count: [str(add(entity, number)) for number in range(count)],
            held=held,
            fresh=fresh,
            rename=lambda entity, key, name: twin.edit(PAGED[entity], int(key), Name=name),
            volatile=frozenset({"UpdatedOn", "UpdatedBy", "ToStringText"}),
            secrets=("tok-000",),
            throttled=TwinReply(409, b"", {"Retry-After": "2"}),
            unknown_id="404",
        )
