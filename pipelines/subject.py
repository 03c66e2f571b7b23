"""A canonical record as the published file and the safety record tell it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mappings.model import FIELDS, Entity
from pipelines.config import Config
from pipelines.seeking import FORMS
from state.published import Published
from state.safety import Linking

Row = Mapping[str, Any]

DERIVED: Mapping[str, str] = {
    "path": "the names from the root down to it",
    "depth": "the steps from its root; empty in a circle",
    "active": "true while an account has it whose values count: an authority, or any where no authority holds it",
    "member_count": "of the first account, by rank, that counts members",
    "created_at": "of the first account, by rank, that tells it",
    "updated_at": "of the first account, by rank, that tells it",
}
"""Columns without provenance of their own, and how they come about."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A canonical record as the published file tells it; ``row`` is empty once no link leads to it any more."""

    published: Published
    config: Config
    entity: Entity
    canonical_id: str
    row: Row
    past: Sequence[Row]
    provenance: Mapping[str, Row]
    linked: Sequence[Row]
    links: Sequence[Linking]

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields of the record, those with a provenance first."""
        form = FORMS[self.entity]
        columns = self.published.rows(f"DESCRIBE {form.table}")
        return (*FIELDS[self.entity], *(name for row in columns if (name := row["column_name"]) in DERIVED))

    @property
    def live(self) -> list[Linking]:
        """The links that hold."""
        return [one for one in self.links if one.ended_at is None]


def subject(published: Published, config: Config, entity: Entity, canonical_id: str, links: list[Linking]) -> Subject:
    """What is published of a record."""
    form = FORMS[entity]
    whose = "WHERE entity = ? AND canonical_id = ?"
    key = (str(entity), canonical_id)
    row = published.row(f"SELECT * FROM {form.table} WHERE {form.key} = ?", canonical_id)  # noqa: S608 - our own
    past = f"SELECT * FROM {form.history} WHERE {form.key} = ? ORDER BY valid_from"  # noqa: S608 - our own
    fields = f"SELECT * FROM org.provenance {whose}"  # noqa: S608 - our own
    linked = f"SELECT * FROM org.linked_records {whose} ORDER BY rank, connection"  # noqa: S608 - our own
    return Subject(
        published,
        config,
        entity,
        canonical_id,
        row or {},
        published.rows(past, canonical_id) if form.history else [],
        {one["field"]: one for one in published.rows(fields, *key)},
        published.rows(linked, *key),
        links,
    )
