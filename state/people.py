"""People of several accounts who are the same by their e-mail address, as the accounts' own lists tell it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mappings.queries import query
from state.links import LINKS
from state.marks import SHADOWS
from state.working import Working

PEOPLE = "people"  # the mark of the state in which people were last compared


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of people of a connection: where it landed, what it calls the address, and what its people are."""

    connection: str
    resource: str
    email: str
    kind: str


@dataclass(frozen=True, slots=True)
class Same:
    """A record that is another account's person by its address. ``own``: the canonical person that it was until now."""

    source_id: str
    canonical_id: str
    own: str | None
    told_by: str


def compared(working: Working, listings: Iterable[Listing]) -> bool:
    """Whether people were compared already as they stand, with these lists."""
    return working.marks.get(PEOPLE) == _state(working, listings)


def note_compared(working: Working, listings: Iterable[Listing]) -> None:
    """Remember that they were."""
    working.marks.set(PEOPLE, _state(working, listings))


def _state(working: Working, listings: Iterable[Listing]) -> str:
    names = " ".join(f"{one.connection}.{one.resource}" for one in listings)
    return f"{working.marks.get(SHADOWS)} {working.marks.get(LINKS)} {names}"


def read_addresses(working: Working, listings: Sequence[Listing]) -> None:
    """Make the table ``addressed``: every address that one record of its kind alone has in a connection."""
    reads = [
        f"SELECT '{one.connection}' AS connection, {rank} AS rank, '{one.kind}' AS kind, source_id, "  # noqa: S608 - ours
        f"json_extract_string(record, '$.{one.email}') AS address "
        f"FROM ({working.raw.records(one.connection, one.resource)})"
        for rank, one in enumerate(listings)
    ]
    told = query("sql/addressed").replace("{lists}", " UNION ALL ".join(reads))
    working.db.execute("CREATE OR REPLACE TEMP TABLE addressed AS " + told)


def same_people(working: Working, connection: str) -> list[Same]:
    """The records of a connection that are persons of other accounts, and are not linked to them yet."""
    rows = working.db.execute(query("sql/same_people"), {"connection": connection}).fetchall()
    return [Same(*row) for row in rows]


def forget_emails(working: Working) -> None:
    """Blank the e-mail of every person, gone ones too; the next read that may keep it brings it back."""
    working.db.execute("UPDATE shadow.records SET email = NULL, fingerprint = NULL WHERE email IS NOT NULL")
