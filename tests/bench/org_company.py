"""A large company as three vendors tell of it: what lands of their lists, before and after one in a hundred changed."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from mappings.naming import Names, Naming, Node, name_all
from sources.vendor import Row

UDESK, AMM, HQ = "udesk_cn", "amm", "hq"
BELOW = 8  # departments below each, so that 100,000 stand on six levels
USERS, COWORKERS = 1_000, 20_000
COMMON = (
    "Support",
    "Sales",
    "Finance",
    "Legal",
    "Training",
    "仓储部",
    "Maintenance",
    "Operations",
    "Payroll",
    "Design",
)
TIMES = ("2026-01-01T06:00:00Z", "2026-02-01T06:00:00Z")  # of a record that did not change, and of one that did
_json = msgspec.json.Encoder().encode


def names(count: int, *, changed: bool) -> Names:
    """What the departments 1 to ``count`` are called; one in ten has one of few names, and so needs a path."""
    nodes = {
        str(number): Node(_name(number, changed=changed), str(number // BELOW) if number >= BELOW else None)
        for number in range(1, count + 1)
    }
    return name_all(nodes, Naming.QUALIFY)


def _name(number: int, *, changed: bool) -> str:
    if number % 10 == 0:
        return COMMON[number // 10 % len(COMMON)]
    return f"{'Group' if changed and number % 100 == 7 else 'Unit'} {number}"


def udesk(count: int, *, changed: bool) -> Iterator[Row]:
    """Udesk's departments; one in a hundred is renamed."""
    for number in range(1, count + 1):
        name, parent = _name(number, changed=changed), number // BELOW
        yield Row(str(number), _json({"id": number, "name": name, "parent_id": parent}))


def scalepad(count: int, *, changed: bool) -> Iterator[Row]:
    """ScalePad's departments; one in a hundred has another number of members."""
    for number, name in names(count, changed=False).flat.items():
        told = changed and int(number) % 100 == 8
        record = {"id": f"d-{number}", "name": name, "description": f"Cost centre {number}"}
        yield Row(f"d-{number}", _json({**record, "member_count": 11 + told, "updated_at": TIMES[told]}))


def nexudus(count: int, *, changed: bool) -> Iterator[Row]:
    """Nexudus's departments; one in a hundred is described otherwise."""
    for number, name in names(count, changed=False).flat.items():
        told = changed and int(number) % 100 == 9
        record = {"Id": int(number), "Name": name, "Description": f"Cost centre {number}{', moved' if told else ''}"}
        yield Row(number, _json({**record, "Active": True, "Managers": [], "UpdatedOn": TIMES[told]}))


def tasks(count: int, *, changed: bool) -> Iterator[Row]:
    """Nexudus's tasks; one in a hundred has other notes."""
    for number in range(1, count + 1):
        told, user, coworker = changed and number % 100 == 7, number % USERS + 1, number % COWORKERS + 1
        record: dict[str, Any] = {
            "Id": number,
            "Name": f"Renew contract {number}",
            "Notes": f"Left a message, no answer. 客户希望下周二参观。{' Called again.' if told else ''}",
            "Completed": number % 3 == 0,
            "DueDate": "2026-03-01T00:00:00Z",
            "ResponsibleId": user,
            "ResponsibleFullName": f"User {user}",
            "CoworkerId": coworker,
            "CoworkerFullName": f"Coworker {coworker}",
        }
        yield Row(str(number), _json({**record, "UpdatedOn": TIMES[told]}))


Told = Callable[..., Iterator[Row]]
LISTS: Mapping[str, Mapping[str, Told | None]] = {
    UDESK: {"departments": udesk},
    AMM: {"departments": scalepad},
    HQ: {"departments": nexudus, "tasks": tasks, "teams": None, "coworkers": None, "users": None},
}
"""What each connection's lists hold; None: nothing."""
