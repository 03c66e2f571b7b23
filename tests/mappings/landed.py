"""A working database with raw records of three vendors, landed as pipelines/landing.py lands them."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mappings.model import FIELDS, Entity, Link, Method, Ref
from state.golden import Voter, set_links, set_voters, survive
from state.history import keep_history
from state.working import Working

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

UDESK, AMM, HQ = "udesk_cn", "amm", "hq"
RESOURCES = {UDESK: ("departments",), AMM: ("departments",), HQ: ("departments", "teams", "tasks")}
MAPPINGS = {UDESK: "udesk", AMM: "scalepad", HQ: "nexudus"}
CARRIES = {
    (UDESK, Entity.DEPARTMENT): ("name", "parent_id"),
    (AMM, Entity.DEPARTMENT): ("name", "description"),
    (HQ, Entity.DEPARTMENT): ("name", "description"),
    (HQ, Entity.TEAM): FIELDS[Entity.TEAM],
    (HQ, Entity.TASK): FIELDS[Entity.TASK],
    (HQ, Entity.PERSON): FIELDS[Entity.PERSON],
}
Records = Mapping[str, Mapping[str, Any]]


class Ground:
    """Lands reads, links records and lets values survive; every linked record's canonical id is told by the test."""

    def __init__(self, path: Path = Path(":memory:")) -> None:
        self.working = Working(path)
        self.reads = 0
        self.links: dict[Ref, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.working.close()

    def land(self, connection: str, resource: str, records: Records) -> str:
        """Land a read that nobody believes yet; its read id."""
        self.reads += 1
        read_id = f"read-{self.reads}"
        db = self.working.db
        db.execute(f"CREATE SCHEMA IF NOT EXISTS raw_{connection}")
        db.execute(
            f"CREATE TABLE IF NOT EXISTS raw_{connection}.{resource} "
            "(read_id VARCHAR, page BIGINT, source_id VARCHAR, record VARCHAR)"
        )
        for source_id, record in records.items():
            db.execute(
                f"INSERT INTO raw_{connection}.{resource} VALUES (?, 0, ?, ?)",  # noqa: S608 - the test's own names
                [read_id, source_id, json.dumps(record, ensure_ascii=False)],
            )
        return read_id

    def pull(self, connection: str, **resources: Records) -> None:
        """Land and believe whole reads, and bring the shadows in line."""
        for resource, records in resources.items():
            self.working.accept(connection, resource, self.land(connection, resource, records), NOON)
        self.refresh(connection)

    def refresh(self, connection: str) -> None:
        self.working.refresh_shadows(connection, MAPPINGS[connection], RESOURCES[connection])
        self.working.discard_reads(connection, RESOURCES[connection])

    def vote(self, *authority: str) -> None:
        """Every connection votes on what it carries: these first, and as authorities."""
        order = [*authority, *(one for one in RESOURCES if one not in authority)]
        set_voters(
            self.working,
            [
                Voter(connection, entity, field, order.index(connection) + 1, connection in authority)
                for (connection, entity), fields in CARRIES.items()
                for field in fields
            ],
        )

    def link(self, connection: str, entity: Entity = Entity.DEPARTMENT, /, **links: str) -> None:
        """Canonical id → source id."""
        self.links |= {Ref(connection, entity, source_id): key for key, source_id in links.items()}

    def settle(self, run_id: str = "r1", at: datetime = NOON) -> None:
        """Links, survivorship and history, as a run brings them up to date."""
        set_links(self.working, [Link(ref, key, Method.EXACT) for ref, key in self.links.items()])
        survive(self.working, run_id)
        keep_history(self.working, at)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self.working.db.execute(sql, list(values)).fetchall()


def udesk(*departments: tuple[str, str, str | None]) -> Records:
    """Udesk's departments: (id, name, parent)."""
    return {key: {"id": int(key), "name": name, "parent_id": int(parent or 0)} for key, name, parent in departments}


def amm(*departments: tuple[str, str, str | None], **more: Any) -> Records:
    """ScalePad's departments: (id, name, description)."""
    return {key: {"id": key, "name": name, "description": text, **more} for key, name, text in departments}
