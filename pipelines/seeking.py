"""Which canonical record somebody means: by its id or the start of it, by an account's id, or by its name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mappings.model import Entity
from mappings.naming import fold
from pipelines.errors import UsageError
from state.published import Published

SHORTEST = 4  # characters of an id's start that are taken for one
LISTED = 10


@dataclass(frozen=True, slots=True)
class Form:
    """How a kind is published: its table, its id, what it is called by, and its history, which people have none of."""

    table: str
    key: str
    name: str
    history: str | None


FORMS: Mapping[Entity, Form] = {
    Entity.DEPARTMENT: Form("org.departments", "department_id", "path", "org.department_history"),
    Entity.TEAM: Form("org.teams", "team_id", "name", "org.team_history"),
    Entity.TASK: Form("org.tasks", "task_id", "title", "org.task_history"),
    Entity.PERSON: Form("org.people", "person_id", "full_name", None),
}


class Ambiguous(UsageError):
    """Several records are meant. ``candidates``: id → name, some of them."""

    def __init__(self, text: str, candidates: Mapping[str, str]) -> None:
        super().__init__(text)
        self.candidates = candidates


def kind(word: str) -> Entity:
    """The entity that a word means, singular or plural. Raises ``UsageError``."""
    known = {**{str(one): one for one in Entity}, **{f"{one}s": one for one in Entity}, "people": Entity.PERSON}
    if word.lower() not in known:
        raise UsageError(f"{word}: no such kind. What to do: one of {', '.join(Entity)}")
    return known[word.lower()]


def seek(published: Published, entity: Entity, text: str) -> str:
    """The canonical id that is meant. Raises ``UsageError``, and ``Ambiguous`` with what it could be."""
    found = _by_id(published, entity, text) or _by_account(published, entity, text)
    if found:
        return found
    ids = {*_by_start(published, entity, text), *_by_name(published, FORMS[entity], text)}
    if len(ids) == 1:
        return ids.pop()
    if ids:
        told = names(published, entity, sorted(ids)[:LISTED])
        which = {one: told.get(one) or "(no name)" for one in sorted(ids)[:LISTED]}
        raise Ambiguous(f"{text}: {len(ids)} {_plural(entity)} are meant. What to do: give the id of one", which)
    raise UsageError(
        f"{text}: no {entity} here has this id, name or path. What to do: give an id or the start of it (at least "
        f"{SHORTEST} characters), CONNECTION:ID as the vendor counts, or the name; {FORMS[entity].table} lists them all"
    )


def names(published: Published, entity: Entity, ids: Iterable[str]) -> dict[str, str]:
    """What records are called: id → name, of those that have one."""
    form = FORMS[entity]
    told = published.rows(
        f"SELECT {form.key} AS id, {form.name} AS name FROM {form.table} "  # noqa: S608 - names of our own
        f"WHERE {form.key} IN (SELECT unnest(?::VARCHAR[]))",
        list(ids),
    )
    return {row["id"]: row["name"] for row in told if row["name"]}


def _by_id(published: Published, entity: Entity, text: str) -> str | None:
    told = "SELECT canonical_id FROM org.crosswalk WHERE entity = ? AND canonical_id IN (?, lower(?)) LIMIT 1"
    return _first(published.row(told, str(entity), text, text))


def _by_account(published: Published, entity: Entity, text: str) -> str | None:
    """The record that an account's record is linked to, or was last; one that waits for a person is said to."""
    connection, colon, source_id = text.partition(":")
    if not colon:
        return None
    ref = (str(entity), connection, source_id)
    found = published.row(
        "SELECT canonical_id FROM org.crosswalk WHERE entity = ? AND connection = ? AND source_id = ? "
        "ORDER BY unlinked_at IS NULL DESC, linked_at DESC LIMIT 1",
        *ref,
    )
    waits = (
        "SELECT reason FROM ops.proposals WHERE entity = ? AND connection = ? AND source_id = ? AND decision IS NULL"
    )
    if not found and (dispute := published.row(waits, *ref)):
        raise UsageError(
            f"{text}: is linked to no {entity} yet: {dispute['reason']}. What to do: orgweave review, or mend the "
            "names or the tree at its vendor, and pull"
        )
    return _first(found)


def _by_start(published: Published, entity: Entity, text: str) -> list[str]:
    if len(text) < SHORTEST:
        return []
    told = "SELECT DISTINCT canonical_id FROM org.crosswalk WHERE entity = ? AND starts_with(canonical_id, lower(?))"
    return [row["canonical_id"] for row in published.rows(told, str(entity), text)]


def _by_name(published: Published, form: Form, text: str) -> list[str]:
    """The records of exactly this name or path; where none is, those called so but for case, width and blanks."""
    columns = dict.fromkeys((form.name, "name" if form.key == "department_id" else form.name))
    equal = " OR ".join(f"{column} = $1" for column in columns)
    found = published.rows(f"SELECT {form.key} AS id FROM {form.table} WHERE {equal}", text)  # noqa: S608 - our own
    if found or not fold(text):
        return [row["id"] for row in found]
    every = published.rows(
        f"SELECT {form.key} AS id, [{', '.join(columns)}] AS names FROM {form.table}"  # noqa: S608 - our own
    )
    return [row["id"] for row in every if any(name and fold(name) == fold(text) for name in row["names"])]


def _first(row: Mapping[str, Any] | None) -> str | None:
    return str(row["canonical_id"]) if row else None


def _plural(entity: Entity) -> str:
    return "people" if entity is Entity.PERSON else f"{entity}s"
