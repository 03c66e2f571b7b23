"""Nexudus records by id: in batches, one by one what a batch does not answer (vendors/nexudus.md, 2.3 and 2.4)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from mappings.model import Entity
from sources.abreast import abreast
from sources.errors import Gone, Incomplete, Rejected, Unavailable
from sources.message import Call, Reply
from sources.nexudus.judge import is_id
from sources.nexudus.settings import BATCH, UNLISTED
from sources.vendor import Resource

Record = Mapping[str, Any]
T = TypeVar("T")


class Ask(Protocol):
    """Sends a call that needs a role, and returns what ``shape`` makes of a reply that was judged a success."""

    def __call__(self, call: Call, role: str, shape: Callable[[Reply], T]) -> T:
        """Raises the reply's ``VendorError``."""


def details(ask: Ask, resource: Resource, ids: Sequence[int], width: int) -> dict[int, Record]:
    """Records by id, ``width`` batches at a time. A record that is gone is missing."""
    batches = [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
    found: dict[int, Record] = {}
    for some in abreast(lambda batch: _complete(ask, resource, batch), batches, min(width, len(batches))):
        found |= some
    return found


def record(ask: Ask, resource: Resource, number: int) -> Record:
    """One record. Raises ``Gone``."""

    def shape(reply: Reply) -> Record:
        body = reply.json()
        if not isinstance(body, dict) or not is_id(body.get("Id")) or body["Id"] != number:
            raise Unavailable(f"asked for {resource.name} {number}, another record or none came")
        return body

    return ask(Call("GET", f"{resource.path}/{number}"), resource.roles["read"], shape)


def _complete(ask: Ask, resource: Resource, ids: Sequence[int]) -> dict[int, Record]:
    found = _batch(ask, resource, ids)
    for number in ids:
        if number not in found:
            try:
                one = record(ask, resource, number)
            except Gone:
                continue
            if resource.entity is Entity.TEAM and not _shown(one, UNLISTED[resource.entity]):
                raise Incomplete(
                    f"record {number} of {resource.name} shows no members, not even none: they are held back"
                )
            found[number] = one
    return found


def _shown(one: Record, unlisted: Sequence[str]) -> bool:
    """Whether a record shows any of the arrays that a list holds back; null is unknown, ``[]`` is none."""
    return any(isinstance(one.get(name), list) for name in unlisted)


def _batch(ask: Ask, resource: Resource, ids: Sequence[int]) -> dict[int, Record]:
    """What one call by ids answers of them in full; empty when it is refused."""
    call = Call("GET", f"{resource.path}/", (("id", f"[{','.join(map(str, ids))}]"),))
    try:
        answer = ask(call, resource.roles["read"], Reply.json)
    except (Gone, Rejected):
        return {}
    records = [one for one in answer if isinstance(one, dict)] if isinstance(answer, list) else []
    asked, unlisted = frozenset(ids), UNLISTED[resource.entity]
    return {
        one["Id"]: one
        for one in records
        if is_id(one.get("Id")) and one["Id"] in asked and (not unlisted or _shown(one, unlisted))
    }
