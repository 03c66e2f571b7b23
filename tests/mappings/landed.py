"""A working database with raw records of three vendors, landed as pipelines/landing.py lands them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from mappings.model import FIELDS, Entity, Ref
from mappings.queries import query
from mappings.receipt import Mode, Receipt
from sources.spool import Spool
from sources.vendor import Row
from state.golden import survive
from state.history import keep_history
from state.links import set_links
from state.voters import Voter, set_voters
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


def receipt_of(connection: str, resource: str, read_id: str, **more: Any) -> Receipt:
    """The receipt of a whole read, full unless ``more`` says otherwise."""
    told: dict[str, Any] = {field.name: 0 for field in fields(Receipt)}
    told |= {"read_id": read_id, "connection": connection, "resource": resource, "entity": resource[:-1]}
    told |= {"mode": Mode.FULL, "complete": True, "started_at": NOON, "finished_at": NOON, "watermark": None, **more}
    return Receipt(**told)


class Ground:
    """Lands reads, links records and lets values survive; every linked record's canonical id is told by the test."""

    def __init__(self, path: Path = Path(":memory:")) -> None:
        self._folder = TemporaryDirectory()
        self.working = Working(path, Path(self._folder.name) if path.name == ":memory:" else None)
        self.reads = 0
        self.bases = 0  # their version when the next read begins
        self.links: dict[Ref, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.working.close()
        self._folder.cleanup()

    def land(self, connection: str, resource: str, records: Records) -> str:
        """Land a read that nobody believes yet; its read id."""
        rows = [(source_id, json.dumps(record, ensure_ascii=False)) for source_id, record in records.items()]
        return self.land_rows(connection, resource, rows)

    def land_rows(self, connection: str, resource: str, rows: Sequence[tuple[str, str]]) -> str:
        """The same, of (source id, JSON)."""
        self.reads += 1
        read_id = f"read-{self.reads}"
        spool = Spool(self.working.raw.folder / connection / resource / f"{read_id}.parquet", read_id)
        spool.begin()
        spool.add([Row(source_id, record.encode()) for source_id, record in rows])
        spool.close()
        return read_id

    def landed(self, connection: str, resource: str) -> set[str]:
        """The reads of which files are there."""
        return {file.stem for file in (self.working.raw.folder / connection / resource).glob("*.parquet")}

    def pull(self, connection: str, **resources: Records) -> None:
        """Land and believe whole reads, and bring the shadows in line."""
        for resource, records in resources.items():
            read_id = self.land(connection, resource, records)
            receipt = receipt_of(connection, resource, read_id, distinct=len(records))
            self.working.raw.believe(receipt, "", self.bases, landed=True)
        self.refresh(connection)

    def refresh(self, connection: str) -> None:
        self.working.stage(connection, query(MAPPINGS[connection]), RESOURCES[connection])
        self.working.refresh_shadows(connection, set(Entity))
        self.working.raw.discard(connection)

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
        rows = [
            (str(ref.entity), key, ref.connection, ref.source_id, "exact", 1.0, NOON.isoformat(), None)
            for ref, key in self.links.items()
        ]
        set_links(self.working, rows, run_id)
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
