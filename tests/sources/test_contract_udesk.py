from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from mappings.model import Entity, Value
from sources.errors import Rejected
from sources.twin import TwinReply
from sources.udesk.settings import VENDOR
from tests.contract import ContractSuite, Ground
from tests.sources.udesk_rig import EMAIL, TOKEN, bench


class TestUdesk(ContractSuite):
    reads_before_delete = 2  # the list and the agents anew: does nothing stand below it, is nobody in it?

    @pytest.fixture
    def entity(self) -> Entity:
        return Entity.DEPARTMENT

    @pytest.fixture(params=["tree", "subtree"])
    def ground(self, request: pytest.FixtureRequest) -> Iterator[Ground]:
        made = self.make(listing=request.param)
        yield made
        made.client.wire.close()

    def test_what_was_put_below_a_department_since_it_was_looked_at_keeps_it(
        self, ground: Ground, entity: Entity
    ) -> None:
        (key,) = ground.seed(entity, 1)
        seen = ground.client.observe(entity, key)
        made = ground.twin.add_department("Theirs", int(key))  # type: ignore[attr-defined] # it is Udesk's here
        with pytest.raises(Rejected, match="Theirs") as refusal:
            ground.client.delete(entity, seen)
        assert (refusal.value.rule, ground.twin.writes()) == ("not_empty", [])
        assert sorted(ground.held(entity)) == sorted([key, str(made)])

    def make(self, **switches: Any) -> Ground:
        made = bench(**switches)
        twin = made.twin

        def seed(_entity: Entity, count: int) -> list[str]:
            ids: list[int] = []
            for number in range(count):  # a chain with a branch: every place that a list can show
                parent = 0 if not ids else ids[max(0, number - 2)]
                ids.append(twin.add_department(f"Department {number}", parent))
            return [str(key) for key in ids]

        def held(_entity: Entity) -> Mapping[str, Mapping[str, Any]]:
            return {str(key): {"name": name, "parent_id": parent} for key, (name, parent) in twin.departments.items()}

        def fresh(_entity: Entity, name: str) -> dict[str, Value]:
            return {"name": name, "parent_id": str(min(twin.departments)) if twin.departments else None}

        return Ground(
            vendor=VENDOR,
            client=made.client,
            twin=twin,
            clock=made.clock,
            seed=seed,
            held=held,
            fresh=fresh,
            rename=lambda _entity, key, name: twin.rename(int(key), name),
            volatile=frozenset(),
            secrets=(TOKEN, EMAIL),
            throttled=TwinReply.of(429, {"code": 2000, "message": "too many requests"}),
            unknown_id="404",
        )
