"""Walks a Nexudus list: pages side by side, changes alone where asked, details only of what the list holds back.

Source: shared notes, vendors/nexudus.md, sections 2.1 to 2.4 and 4.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import chain, count, islice
from operator import gt
from typing import Any

from mappings.model import Entity
from sources.abreast import abreast
from sources.errors import Denied, Gone, Incomplete, Untrusted
from sources.message import Call, Reply
from sources.nexudus.details import Ask, details
from sources.nexudus.judge import is_id, page_of
from sources.nexudus.notes import NotesProbe
from sources.nexudus.records import parse_time
from sources.vendor import Delta, Page, Resource, Row

Record = Mapping[str, Any]
LONGEST = 300  # characters of an error that repeats what a vendor sent
KEPT_OF_PEOPLE = ("Id", "FullName", "UpdatedOn")  # nothing else of a person is ever stored, but the e-mail if wanted


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list as it came: its records, each one's own JSON, what the envelope says, and when."""

    records: Sequence[Record]
    texts: Sequence[bytes]
    total: int | None
    more: bool
    answered_at: datetime | None


class Lists:
    """The lists of one location. ``width``: calls that may run side by side."""

    def __init__(self, ask: Ask, business: int, width: int, *, email: bool) -> None:
        self._ask = ask
        self._business = business
        self._width = width
        self._kept = (*KEPT_OF_PEOPLE, "Email") if email else KEPT_OF_PEOPLE
        self._notes = NotesProbe()
        self._downward = "1"  # as the later text of the documents has it

    def walk(self, resource: Resource, delta: Delta | None) -> Iterator[Page]:
        """Every record of the location, or those that changed, in the form that is needed; by Id, the newest first.

        The documents disagree on what ``dir`` means: where it turned out to be the other way, the next walk is told so.
        A record that went between the list and its details is left out, so that the total no longer fits. A list of
        changes proves nothing by its order: an old record may come into it at any place while it is read.
        """
        self._notes.begin()
        last: list[int] = []
        falling = True
        for number, page in enumerate(self._pages(resource, delta), 1):
            if page.more and not page.records:
                raise Incomplete(f"page {number} of {resource.name} is empty and says that more follow")
            ids = [*last, *(self._checked(resource, record, delta)["Id"] for record in page.records)]
            falling = falling and all(map(gt, ids, islice(ids, 1, None)))
            last = ids[-1:]
            rows = list(self._rows(resource, page, delta))
            ends = None if page.more else "HasNextPage false"
            yield Page(rows, page.total, ends, falling and delta is None, page.answered_at)
            if not page.more:
                break
        if number > 1 and not falling:
            self._downward = "-1" if self._downward == "1" else "1"

    def listed(self, resource: Resource, number: int, delta: Delta | None = None) -> Listed:
        """One page of the list."""
        entity = resource.roles["list"].removesuffix("-List")
        since = delta.since.strftime("%Y-%m-%dT%H:%M") if delta else ""
        query = (
            ("page", str(number)),
            ("size", str(resource.page_size)),
            ("orderBy", "Id"),
            ("dir", self._downward),
            *([] if resource.prefix else [(f"{entity}_Business", str(self._business))]),
            *([(f"from_{entity}_UpdatedOn", since)] if delta else []),
        )
        try:
            return self._ask(Call("GET", resource.path, query), resource.roles["list"], partial(_page, number=number))
        except Gone as fault:
            raise wrong_address(resource) from fault

    def glance(self, resource: Resource) -> tuple[int | None, int | None]:
        """How many records there are, and the id of one of them; one call."""
        page = self.listed(replace(resource, page_size=1), 1)
        ids = [int(self._checked(resource, record, None)["Id"]) for record in page.records]
        return page.total, next(iter(ids), None)

    def _pages(self, resource: Resource, delta: Delta | None) -> Iterator[Listed]:
        """The pages in their order: the first alone, since it tells how many there are, the others side by side."""
        first = self.listed(resource, 1, delta)
        yield first
        if not first.more or not first.records:
            return
        told = -(-(first.total or 0) // len(first.records))
        following = chain(
            abreast(partial(self.listed, resource, delta=delta), range(2, told + 1), self._width),
            (self.listed(resource, number, delta) for number in count(max(told, 1) + 1)),
        )
        yield from following

    def _rows(self, resource: Resource, page: Listed, delta: Delta | None) -> Iterator[Row]:
        if resource.prefix:
            for record in page.records:
                kept = {name: record[name] for name in self._kept if name in record}
                yield Row.of(f"{resource.prefix}{record['Id']}", kept)
            return
        standing = _unchanged(page.records, delta) if delta else {}
        full = self._full(resource, [record for record in page.records if record["Id"] not in standing])
        if not standing and not full:  # as a rule, and quickly done
            numbers = (str(record["Id"]) for record in page.records)
            yield from map(Row._make, zip(numbers, page.texts, strict=True))
            return
        for record, text in zip(page.records, page.texts, strict=True):
            number = record["Id"]
            if number in standing:
                yield Row(str(number), standing[number])
            elif number not in full:
                yield Row(str(number), text)
            elif (found := full[number]) is not None:
                yield Row.of(number, _not_older(resource, self._checked(resource, found, None), record))

    def _full(self, resource: Resource, listed: Sequence[Record]) -> dict[int, Record | None]:
        """The records that a list does not show whole, read by id; None for one that is gone."""
        if resource.entity == Entity.TASK:
            wanted = self._notes.sample(listed)
        elif resource.entity == Entity.DEPARTMENT:  # a description is required: where none shows, it was held back
            wanted = [record["Id"] for record in listed if record.get("Description") is None]
        else:
            wanted = [record["Id"] for record in listed]
        full = details(self._ask, resource, wanted, self._width)
        if resource.entity == Entity.TASK:
            rest = self._notes.learn(listed, full.values())
            full |= details(self._ask, resource, rest, self._width)
            wanted += rest
        return {number: full.get(number) for number in wanted}

    def _checked(self, resource: Resource, record: Record, delta: Delta | None) -> Record:
        """The record. Raises ``Incomplete`` for one without a proper id or name, or that the filters keep out."""
        if not is_id(record.get("Id")):
            raise Incomplete(f"a record of {resource.name} has the id {record.get('Id')!r}"[:LONGEST])
        if not resource.prefix and not isinstance(record.get("Name"), str):
            raise Incomplete(f"record {record['Id']} of {resource.name} has no name")
        business = None if resource.prefix else record.get("BusinessId")
        if business is not None and business != self._business:
            told = f"record {record['Id']} of {resource.name} belongs to business {business}, not {self._business}"
            raise Incomplete(f"{told}: the filter was ignored")
        changed = parse_time(record.get("UpdatedOn")) if delta else None
        if delta and changed and changed < delta.since:
            raise Untrusted(f"record {record['Id']} of {resource.name} has not changed since {delta.since:%FT%H:%M}")
        return record


def _page(reply: Reply, *, number: int) -> Listed:
    envelope = page_of(reply.json(), number=number)
    total, more = envelope.get("TotalItems"), envelope["HasNextPage"]
    return Listed(envelope["Records"], reply.texts("Records"), total, more, reply.date())


def _unchanged(listed: Sequence[Record], delta: Delta) -> dict[int, bytes]:
    """Of the records that changes overlap with, those that stand here already: nothing that the list shows differs.

    The vendor counts in seconds: what changed in the minute of the last read may have changed again after it.
    """
    minute = delta.watermark.replace(second=0, microsecond=0)
    times = {record["Id"]: parse_time(record.get("UpdatedOn")) for record in listed}
    settled = [record for record in listed if (changed := times[record["Id"]]) and changed < minute]
    landed = delta.standing([str(record["Id"]) for record in settled]) if settled else {}
    found: dict[int, bytes] = {}
    for record in settled:
        text = landed.get(str(record["Id"]))
        known = json.loads(text) if text else {}
        if text and all(known.get(name) == value for name, value in record.items() if value is not None):
            found[record["Id"]] = text
    return found


def _not_older(resource: Resource, found: Record, listed: Record) -> Record:
    """The details. Raises ``Incomplete`` where they are older than the list: another copy answered, and a stale one."""
    told, shown = parse_time(found.get("UpdatedOn")), parse_time(listed.get("UpdatedOn"))
    if told and shown and told < shown:
        raise Incomplete(f"record {found['Id']} of {resource.name} is older by its id than in the list")
    return found


def wrong_address(resource: Resource) -> Denied:
    """The vendor does not know the path itself."""
    return Denied(f"{resource.path} itself is not there (HTTP 404): is base_url the host alone?")
