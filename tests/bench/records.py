"""The records of the benchmark's Nexudus location: the same in every run, as varied as real ones.

Fields: shared notes, vendors/nexudus.md, section 3, by the tables of our sandbox. Record ``n`` (from 0) of a kind has
the id ``FIRST_ID + STEP * n``. Everything was last changed before ``NEWEST``.
"""

from datetime import UTC, datetime, timedelta
from functools import cache

import msgspec

from sources.nexudus.sandbox_records import DEPARTMENT, TASK, TEAM, Kind, Record, base, listed

FIRST_ID = 1_370_000_001
STEP = 3  # ids of one location have gaps: an account's locations share the numbers
OLDEST = datetime(2026, 1, 1, 6, 0, tzinfo=UTC)
NEWEST = datetime(2026, 2, 28, 18, 0, tzinfo=UTC)
SPAN = int((NEWEST - OLDEST).total_seconds())

VERBS = (
    "Call",
    "Write to",
    "Invoice",
    "Welcome",
    "Move",
    "Remind",
    "回访",
    "续签合同：",
    "Réinviter",
    "Παράδοση σε",
    "☎️",
    "✅",
)
PEOPLE = (
    "Ada Lovelace",
    "王小明",
    "José Álvarez",
    "Søren Ø",
    "Мария Иванова",
    "O'Neil, Pat",
    "李 雷",
    "Zoë 🌱",
    "Ng Ah Kow",
)
COMPANIES = (None, "Acme Ltd", "示例科技有限公司", "Bäckerei & Söhne", "Nordlys AS", None, 'Foo "Bar" GmbH')
NOTES = (
    "Asked for a desk by the window; call back after the tour.\r\nSecond line: price list sent.",
    "客户希望下周二参观，之后确认会议室的预订。需要发票抬头。",
    "Left a message 📞, no answer. Try again on Monday 🙂 and send the new price list with it.",
    None,
    "Deposit paid, contract signed; key card 0417 is at the front desk.\tLocker 12.",
    "Vertrag läuft aus – Verlängerung anbieten (12 Monate, 5 % Nachlass), siehe E-Mail vom 3. Januar.",
    "See https://example.test/tickets/4711?from=crm&lang=en",
    "x",
)
LISTS = ("Onboarding", "Leaving", "入会流程", None, "Follow-up")
_encode = msgspec.json.Encoder().encode


def identity(index: int) -> int:
    """The id of a kind's record ``index``."""
    return FIRST_ID + STEP * index


def position(number: int) -> int | None:
    """The index of the record with this id, None for one that nothing can have. The inverse of ``identity``."""
    index, rest = divmod(number - FIRST_ID, STEP)
    return index if index >= 0 and not rest else None


def task(index: int, business: int, *, whole: bool) -> bytes:
    """A task as JSON. Lists show it as a call by id does (``whole`` changes nothing): it holds no arrays."""
    del whole
    person, verb = PEOPLE[index % 9], VERBS[index // 9 % 12]
    record: Record = _basis(TASK, index, business, f"{verb} {person} #{index}") | {
        "CoworkerId": 900_000 + index % 4_000,
        "ResponsibleId": 700_000 + index % 40,
        "Notes": NOTES[index % 8],
        "TaskItemUniqueId": f"{index % 5:08x}-3c1b-5a53-9f0e-0d6f5a3c7b11" if index % 3 else None,
        "DueDate": _text(index * 7 * 60) if index % 10 else None,
        "DueDateLocal": _text(index * 7 * 60 + 3600) if index % 10 else None,
        "Completed": index % 4 == 0,
        "DisplayToEveryone": index % 5 == 0,
        "CoworkerFullName": f"{PEOPLE[index % 4_000 % 9]} {index % 4_000}",
        "CoworkerCompanyName": COMPANIES[index % 7],
        "CoworkerTeamNames": f"Team {index % 1_000}" if index % 2 else None,
        "TaskListName": LISTS[index % 5] if index % 3 else None,
        "FormPageRequestUniqueId": None,
        "ResponsibleFullName": f"{PEOPLE[index % 40 % 9]} (admin {index % 40})",
    }
    return _encode(record)


def team(index: int, business: int, *, whole: bool) -> bytes:
    """A team as JSON, ``whole`` with its arrays, otherwise as a list shows it."""
    members = [900_000 + (index * 4 + nth) % 4_000 for nth in range(index % 9)]
    names = [f"{PEOPLE[(number - 900_000) % 9].replace(',', '')} {number - 900_000}" for number in members]
    record = _basis(TEAM, index, business, f"{COMPANIES[index % 7] or '团队'} {index}") | {
        "Description": NOTES[index % 8],
        "TeamMembers": members,
        "TeamAdministrators": members[:1],
        "ProfileTags": "coffee,简体,🚲",
        "CoworkerIds": ",".join(map(str, members)),
        "CoworkerFullNames": ",".join(names),
        "PayingMemberFullName": None,
    }
    return _encode(record if whole else listed(TEAM, record, blanks=False))


def department(index: int, business: int, *, whole: bool) -> bytes:
    """A help desk department as JSON, ``whole`` with its managers, otherwise as a list shows it."""
    record = _basis(DEPARTMENT, index, business, f"{LISTS[index % 5] or 'Support'} · {VERBS[index % 12]} {index}") | {
        "Description": NOTES[index % 8] or "(no description)",
        "Active": index % 20 != 0,
        "Managers": [700_000 + (index + nth) % 40 for nth in range(index % 3)],
    }
    return _encode(record if whole else listed(DEPARTMENT, record, blanks=False))


def _basis(kind: Kind, index: int, business: int, name: str) -> Record:
    """What a record of any kind holds before its own values: everything the vendor names, most of it empty."""
    told = {
        "Id": identity(index),
        "UniqueId": f"{index:08x}-3c1b-5a53-9f0e-{index * 2_654_435_761 % 2**48:012x}",
        "BusinessId": business,
        "BusinessName": "Location 北京 1",
        "CreatedOn": _text(index % 86_400 - 100 * 86_400),
        "UpdatedOn": _text(index * 997 % SPAN),
        "Name": name,
        "ToStringText": name,
    }
    return _empty(kind) | told


@cache
def _empty(kind: Kind) -> Record:
    return {**base(FIRST_ID, OLDEST), **kind.cleared(), **dict.fromkeys(kind.controls())}


def changed(index: int) -> datetime:
    """When a kind's record ``index`` was last changed."""
    return OLDEST + timedelta(seconds=index * 997 % SPAN)


def _text(seconds: int) -> str:
    """The time so long after the oldest one, as the vendor prints it."""
    return (OLDEST + timedelta(seconds=seconds)).isoformat()[:19] + "Z"
