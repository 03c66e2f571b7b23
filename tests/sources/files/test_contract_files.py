from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mappings.model import NAME_FIELD, Entity, Value
from sources.files.settings import VENDOR
from sources.twin import FaultyTwin, TwinReply
from tests.contract import CommonSuite, Ground
from tests.sources.files.rig import EXTRA, FORMS, HEADERS, Folder

CASES = [
    *((form, Entity.DEPARTMENT) for form in FORMS),
    ("csv", Entity.TEAM),
    ("csv", Entity.TASK),
    ("parquet", Entity.TASK),
]


class TestFiles(CommonSuite):
    @pytest.fixture(params=CASES, ids=[" ".join(case) for case in CASES])
    def case(self, request: pytest.FixtureRequest) -> tuple[str, Entity]:
        found: tuple[str, Entity] = request.param
        return found

    @pytest.fixture
    def entity(self, case: tuple[str, Entity]) -> Entity:
        return case[1]

    @pytest.fixture
    def ground(self, case: tuple[str, Entity], tmp_path: Path) -> Iterator[Ground]:
        made = self.make(form=case[0], path=tmp_path)
        yield made
        made.client.wire.close()

    def make(self, **switches: Any) -> Ground:
        folder = Folder(switches["path"], FORMS[switches["form"]])

        def seed(entity: Entity, count: int) -> list[str]:
            headers = HEADERS[entity]
            told = {"Notes": "n", "About": "x", "Purpose": "x", "Done": "yes", "Due": "2026-07-01"}
            rows = []
            for number in range(1, count + 1):  # a chain with a branch
                above = {"Above": str(max(1, number - 2))} if entity is Entity.DEPARTMENT and number > 1 else {}
                name = f"{entity} {number}"
                key = {headers["id"]: str(number), headers[NAME_FIELD[entity]]: name, EXTRA: f"C{number}"}
                rows.append({**{one: told[one] for one in headers.values() if one in told}, **key, **above})
            folder.write(entity, rows)
            return [str(number) for number in range(1, count + 1)]

        def fresh(entity: Entity, name: str) -> dict[str, Value]:
            if entity is Entity.TASK:
                return {"title": name, "notes": "n", "completed": False}
            return {"name": name, "description": "About it"}

        def rename(entity: Entity, key: str, name: str) -> None:
            headers = HEADERS[entity]
            fresh = {headers[NAME_FIELD[entity]]: name}
            folder.write(
                entity, [row | (fresh if str(row[headers["id"]]) == key else {}) for row in folder.rows(entity)]
            )

        return Ground(
            vendor=VENDOR.fitted(folder.options),
            client=folder.client,
            twin=FaultyTwin(),
            clock=folder.clock,
            seed=seed,
            held=folder.held,
            fresh=fresh,
            rename=rename,
            volatile=frozenset(),
            secrets=(),
            throttled=TwinReply(429),
            unknown_id="404",
            options=folder.options,
        )
