"""The tables of the Nexudus sandbox: which fields each entity has, and what becomes of them in lists and writes.

Source: shared notes, vendors/nexudus.md, sections 1.2, 2.3 and 3. Pure: no state, no clock.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

Record = dict[str, Any]

ADMIN = "admin@example.test"
FIRST_ID = 1_370_000_001  # live ids are about that large, not far below 2**31
NAMESPACE = uuid.UUID("6f1d2a52-3c1b-5a53-9f0e-0d6f5a3c7b11")


@dataclass(frozen=True, slots=True)
class Kind:
    """One entity of the vendor. ``name`` stands in roles and filters; fields that no tuple names are read-only.

    ``values``: texts, numbers and references (cleared: null); ``flags`` (cleared: false); ``arrays`` (cleared: []).
    ``files``: stems of uploads. ``blanks``: what lists may hold back beside the arrays. ``order``: the default order.
    """

    name: str
    path: str
    values: tuple[str, ...]
    required: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    arrays: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()
    order: str = "Id"
    writable: bool = True

    def controls(self) -> tuple[str, ...]:
        """Fields that are commands of a write and null in every answer."""
        lists = [f"{verb}{name}" for name in self.arrays for verb in ("Added", "Removed")]
        return (*lists, *(text for stem in self.files for text in (f"New{stem}Url", f"Clear{stem}File")))

    def cleared(self) -> Record:
        """What a record holds when a write says nothing."""
        files = {f"{stem}FileName": None for stem in self.files}
        arrays: Record = {name: [] for name in self.arrays}
        return {**dict.fromkeys(self.values), **dict.fromkeys(self.flags, False), **arrays, **files}


TEAM = Kind(
    name="Team",
    path="/api/spaces/teams",
    required=("BusinessId", "Name"),
    values=(
        *("BusinessId", "Name", "Description", "PayingMemberId", "DefaultMemberTariffId", "MaxTeamMemberCount"),
        *("DiscountExtraServices", "DiscountTimePasses", "DiscountCharges", "DiscountTariffs", "TunnelPrivateGroupId"),
        *("ProfileSummary", "ProfileTags", "ProfileWebsite", "GoogleMapsLink", "Twitter", "Facebook", "Linkedin"),
        *("Skype", "Telegram", "Github", "Pinterest", "Flickr", "Instagram", "Vimeo", "Tumblr", "Blogger"),
    ),
    flags=(
        *("CreateSingleInvoiceForTeam", "UseSpecialPrices", "TransferCreditsToPayingMember", "ShareTimePasses"),
        *("ShareExtraServices", "ShareBookingCredit", "ProfileIsPublic", "HasCommunityGroup"),
        "DisableAttendanceDashboard",
    ),
    arrays=("TeamMembers", "TeamAdministrators", "ExtraServices"),
    files=("TeamLogo", "TeamImage1", "TeamImage2", "TeamImage3"),
)
DEPARTMENT = Kind(
    name="HelpDeskDepartment",
    path="/api/support/helpdeskdepartments",
    required=("BusinessId", "Name", "Description"),
    values=("BusinessId", "Name", "Description", "TaskListId"),
    flags=("Active",),
    arrays=("Managers",),
)
TASK = Kind(
    name="CoworkerTask",
    path="/api/crm/coworkertasks",
    required=("BusinessId", "CoworkerId", "Name", "ResponsibleId"),
    values=("BusinessId", "CoworkerId", "ResponsibleId", "Name", "Notes", "TaskItemUniqueId", "DueDate"),
    flags=("Completed", "Reminded", "NotifyByEmail", "DisplayToEveryone"),
    blanks=("Notes", "NotifyByEmail", "DisplayToEveryone", "Reminded", "TaskItemUniqueId"),
    order="DueDate",
)
COWORKER = Kind(
    name="Coworker",
    path="/api/spaces/coworkers",
    values=("FullName", "Email", "CoworkerType", "Gender", "CountryId", "InvoicingBusinessId", "TariffId", "Custom1"),
    flags=("Active", "Archived"),
    arrays=("Businesses", "Teams"),
    order="FullName",
    writable=False,
)
USER = Kind("User", "/api/sys/users", ("FullName", "Email"), flags=("Active",), order="FullName", writable=False)
TASK_LIST = Kind("TaskList", "/api/crm/tasklists", ("BusinessId", "Name"), flags=("Active",), writable=False)

KINDS: Mapping[str, Kind] = {
    "department": DEPARTMENT,
    "team": TEAM,
    "task": TASK,
    "coworker": COWORKER,
    "user": USER,
    "task_list": TASK_LIST,
}


def base(number: int, now: datetime) -> Record:
    """The read-only fields that every record has."""
    stamp = written(now)
    known = {"Id": number, "UniqueId": unique_id(number), "SystemId": None, "IsNew": False, "UpdatedBy": ADMIN}
    return {**known, "CreatedOn": stamp, "UpdatedOn": stamp, "CustomFields": None, "LocalizationDetails": None}


def unique_id(number: int) -> str:
    """A record's GUID, the same in every run."""
    return str(uuid.uuid5(NAMESPACE, str(number)))


def replaced(kind: Kind, held: Record, body: Mapping[str, Any]) -> Record:
    """What a PUT or POST leaves: everything writable replaced, what the body leaves out cleared."""
    new: Record = {name: body.get(name) for name in kind.values}
    new |= {name: body.get(name) is True for name in kind.flags}
    for name in kind.arrays:
        full = [*(body.get(name) or []), *(body.get(f"Added{name}") or [])]
        removed = body.get(f"Removed{name}") or []
        new[name] = [number for number in dict.fromkeys(full) if number not in removed]
    for stem in kind.files:
        url, clear = body.get(f"New{stem}Url"), body.get(f"Clear{stem}File") is True
        kept = None if clear else held.get(f"{stem}FileName")
        new[f"{stem}FileName"] = str(url).rpartition("/")[2] if url else kept
    return {**held, **new}


def missing(kind: Kind, body: Mapping[str, Any]) -> list[str]:
    """Required fields that a body does not fill."""
    return [name for name in kind.required if body.get(name) is None or not str(body[name]).strip()]


def listed(kind: Kind, record: Record, *, blanks: bool) -> Record:
    """A record as a list shows it: arrays null, and with ``blanks`` other fields empty as well."""
    hidden: Record = dict.fromkeys(kind.arrays)
    if blanks:
        hidden |= {name: False if name in kind.flags else None for name in kind.blanks}
    return {**record, **hidden}


def written(moment: datetime) -> str:
    """A time as the vendor prints it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def read_time(text: object) -> datetime | None:
    """A time in a body or a filter, in UTC where it names no zone. Raises ``ValueError`` for what is no time."""
    if text is None:
        return None
    moment = datetime.fromisoformat(str(text))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def local_text(moment: datetime, zone: str) -> str:
    """The wall clock of a location, with the literal Z that the vendor's samples put behind it."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def from_local(text: object, zone: str) -> datetime | None:
    """The instant that ``local_text`` shows."""
    moment = read_time(text)
    return moment and moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
