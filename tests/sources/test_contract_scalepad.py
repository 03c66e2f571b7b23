from collections.abc import Mapping
from typing import Any

import pytest

from mappings.model import Entity, Value
from sources.scalepad.settings import VENDOR
from sources.twin import TwinReply
from tests.contract import ContractSuite, Ground
from tests.sources.scalepad_rig import bench


class TestScalePad(ContractSuite):
    @pytest.fixture
    def entity(self) -> Entity:
        return Entity.DEPARTMENT

    def make(self, **switches: Any) -> Ground:
        made = bench(**switches)
        twin = made.twin

        def seed(_entity: Entity, count: int) -> list[str]:
            ids = [twin.add_department(f"Department {number}", f"About {number}") for number in range(count)]
            twin.add_user("ann", ids)
            return ids

        def held(_entity: Entity) -> Mapping[str, Mapping[str, Any]]:
            return {key: twin._shown(twin._departments[key]) for key in twin.departments}

        def fresh(_entity: Entity, name: str) -> dict[str, Value]:
            return {"name": name, "description": "About it"}

        return Ground(
            vendor=VENDOR,
            client=made.client,
            twin=twin,
            clock=made.clock,
            seed=seed,
            held=held,
            fresh=fresh,
            rename=lambda _entity, key, name: twin.rename(key, name),
            volatile=frozenset({"updated_at"}),
            secrets=("tok-000",),
            throttled=TwinReply(429, b"Too many requests", {"Content-Type": "text/plain", "Retry-After": "2"}),
            unknown_id="00000000-0000-4000-8000-000000000000",
            emptied=True,
        )
