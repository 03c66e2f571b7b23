"""What the Nexudus sandbox holds, and how it shows a record (shared notes: vendors/nexudus.md, section 3)."""

from dataclasses import dataclass

from sources.nexudus.sandbox_records import FIRST_ID, KINDS, TASK, TEAM, Kind, Record, base, local_text, read_time
from sources.twin import Now


@dataclass(frozen=True, slots=True)
class Switches:
    """What the documents leave open, and what a tenant decides."""

    username: str | None = None  # with ``password``: who may sign in at /api/token
    password: str | None = None
    roles: frozenset[str] | None = None  # None: a full administrator; otherwise a missing role is a 401
    throttle: int | None = None  # writes a minute (documented: 60); None: off
    throttle_status: int = 409  # or 429
    login_refused_status: int = 400  # or 401: the pages disagree
    list_blanks_notes: bool = False  # task lists hold back notes and flags (a page of 2014 says so)
    honours_system_id: bool = True  # POST and PUT take SystemId
    post_returns_record: bool = False  # POST answers the whole record in Value, as one client saw
    due_date_local_wins: bool = False  # where DueDate and DueDateLocal disagree
    checks_references: bool = True  # a task's coworker and user must exist
    ignores_updated_filter: bool = False  # from_… and to_…_UpdatedOn are unknown, and so ignored in silence
    membership_moves_updated_on: bool = False  # whether a change of nothing but members moves a team's UpdatedOn
    dir_mode: str = "0/1"  # or "1/-1"
    zone: str = "Europe/Madrid"  # of the location, for DueDateLocal


class Store:
    """The records of one account, by entity and id."""

    def __init__(self, switches: Switches, now: Now) -> None:
        self._switches = switches
        self._now = now
        self._tables: dict[str, dict[int, Record]] = {kind.name: {} for kind in KINDS.values()}
        self._next = FIRST_ID

    def table(self, kind: Kind) -> dict[int, Record]:
        """The records of one entity, by id, as they are held."""
        return self._tables[kind.name]

    def add(self, kind: Kind, fields: Record) -> int:
        """Put a record in and return its id. Raises ``ValueError`` for a field that the entity does not have."""
        number = int(fields["Id"]) if "Id" in fields else self.free_id()
        known = {**base(number, self._now()), **kind.cleared()}
        if stray := fields.keys() - known.keys():
            raise ValueError(f"{kind.name} has no {', '.join(sorted(stray))}")
        self._tables[kind.name][number] = {**known, **fields}
        return number

    def load(self, kind: Kind, record: Record) -> None:
        """Put a record in as another account shows it; a list that was not shown (null) is empty."""
        number = int(record["Id"])
        told = {name: held for name, held in record.items() if held is not None or name not in kind.arrays}
        self._tables[kind.name][number] = {**base(number, self._now()), **kind.cleared(), **told}

    def shown(self, kind: Kind, record: Record) -> Record:
        """A record as a GET by id shows it, with the names that are looked up."""
        shown: Record = {**record, **dict.fromkeys(kind.controls()), "ToStringText": record.get("Name")}
        if kind is TEAM:
            shown |= self._team_names(record)
        if kind is TASK:
            shown |= self._task_names(record)
        return shown

    def strangers(self, kind: Kind, body: Record) -> list[tuple[str, str]]:
        """References to nobody, reported by the relation's name as the older samples do."""
        if kind is not TASK or not self._switches.checks_references:
            return []
        people = {"Coworker": (body["CoworkerId"], "Coworker"), "Responsible": (body["ResponsibleId"], "User")}
        lost = [name for name, (number, table) in people.items() if number not in list(self._tables[table])]
        return [(name, "was not found") for name in lost]

    def free_id(self) -> int:
        """An id that no record has."""
        while any(self._next in table for table in self._tables.values()):
            self._next += 1
        self._next += 1
        return self._next - 1

    def _team_names(self, record: Record) -> Record:
        members = record["TeamMembers"]
        names = [self._name("Coworker", number) or "" for number in members]
        known = {"CoworkerIds": ",".join(map(str, members)), "CoworkerFullNames": ",".join(names)}
        payer = self._name("Coworker", record["PayingMemberId"])
        return {**known, "BusinessName": f"Location {record['BusinessId']}", "PayingMemberFullName": payer}

    def _task_names(self, record: Record) -> Record:
        due = read_time(record["DueDate"])
        task_lists = self._tables["TaskList"].values()
        titles = {task_list["UniqueId"]: task_list["Name"] for task_list in task_lists}
        return {
            "BusinessName": f"Location {record['BusinessId']}",
            "CoworkerFullName": self._name("Coworker", record["CoworkerId"]),
            "CoworkerCompanyName": None,
            "ResponsibleFullName": self._name("User", record["ResponsibleId"]),
            "TaskListName": titles.get(record["TaskItemUniqueId"]),
            "FormPageRequestUniqueId": None,
            "DueDateLocal": due and local_text(due, self._switches.zone),
        }

    def _name(self, table: str, number: int | None) -> str | None:
        person = self._tables[table].get(number) if number is not None else None
        return str(person["FullName"]) if person else None
