"""A Nexudus location in the office, what a pull asked of it, and what the model then says of its records."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sources.nexudus.sandbox_records import KINDS, written
from sources.twin import TwinReply, TwinRequest
from tests.pipelines.rig import Office

RESOURCES = ("departments", "teams", "tasks", "coworkers", "users")
DEPARTMENTS, TEAMS, TASKS = "/api/support/helpdeskdepartments", "/api/spaces/teams", "/api/crm/coworkertasks"
HOUR, DAY = 3600, 24 * 3600

MODEL = (
    "SELECT name, description, active FROM org.departments ORDER BY ALL",
    "SELECT name, description, active, member_count FROM org.teams ORDER BY ALL",
    """
    SELECT name, full_name, role
    FROM org.team_members JOIN org.teams USING (team_id) JOIN org.people USING (person_id)
    ORDER BY ALL
    """,
    "SELECT full_name, kind FROM org.people ORDER BY ALL",
    """
    SELECT title, notes, completed, active, full_name
    FROM org.tasks LEFT JOIN org.people ON person_id = assignee_id
    ORDER BY ALL
    """,
)
"""What the published file says of the organisation, without ids and times."""


@dataclass
class Location:
    """Three departments, teams and tasks, one of each from every of the last three hours; made where there is none yet.

    ``asked`` holds the requests of the last pull.
    """

    office: Office
    departments: list[int] = field(init=False)
    teams: list[int] = field(init=False)
    tasks: list[int] = field(init=False)
    people: list[int] = field(init=False)
    boss: int = field(init=False)
    asked: list[TwinRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        hq = self.twin
        if not hq.ids("task"):
            self._fill()
        self.departments, self.teams, self.tasks = (hq.ids(kind) for kind in ("department", "team", "task"))
        self.people, [self.boss] = hq.ids("coworker"), hq.ids("user")
        handle = hq.handle

        def heard(request: TwinRequest) -> TwinReply:
            self.asked.append(request)
            reply: TwinReply = handle(request)
            return reply

        hq.handle = heard

    @property
    def twin(self) -> Any:
        """The sandbox."""
        return self.office.vendors.nexudus

    def _fill(self) -> None:
        hq = self.twin
        self.people = [hq.add_coworker(name, f"{name}@example.test") for name in ("Ann", "Bo", "Cy")]
        self.boss = hq.add_user("Dee", "dee@example.test")
        for number in range(3):
            hq.add_department(Name=f"D{number}", Description="d", Managers=[self.boss])
            hq.add_team(Name=f"T{number}", TeamMembers=self.people[:2])
            self.add_task(f"K{number}")
            self.office.clock.sleep(HOUR)

    def add_task(self, name: str) -> int:
        """Put in a task that is Ann's, for Dee to do."""
        made: int = self.twin.add_task(Name=name, Notes="n", CoworkerId=self.people[0], ResponsibleId=self.boss)
        return made

    def stamp(self, kind: str, number: int, moment: datetime, **fields: Any) -> None:
        """Change a record with a time of its change that is not the present one."""
        self.twin._store.table(KINDS[kind])[number] |= {**fields, "UpdatedOn": written(moment)}

    def alter(self, change: Callable[[TwinRequest, TwinReply], TwinReply]) -> None:
        """Let every answer of the sandbox pass through ``change``."""
        answer = self.twin.answer
        self.twin.answer = lambda request: change(request, answer(request))

    def switch(self, **switches: Any) -> None:
        """Set the sandbox's switches."""
        self.twin.switches = replace(self.twin.switches, **switches)
        self.twin._store._switches = self.twin.switches

    def pull(self, *words: str, code: int = 0) -> dict[str, Any]:
        """``pull hq``: the receipts by resource. ``asked`` holds what it asked."""
        self.asked.clear()
        ran = self.office.run("pull", "hq", "--json", *words)
        assert ran.code == code, ran.text
        return self.receipts(ran.json()["run_id"])

    def receipts(self, run_id: str) -> dict[str, Any]:
        """The receipts of a run, by resource."""
        shown = self.office.run("runs", run_id, "--json").json()
        return {one["resource"]: one for one in shown["reads"] if one["connection"] == "hq"}

    def since(self) -> set[str]:
        """The moments since which changes were asked for; an empty text where everything was."""
        told = [[value for key, value in one.query if key.startswith("from_")] for one in self.lists()]
        return {one[0] if one else "" for one in told}

    def lists(self) -> list[TwinRequest]:
        """The lists that were asked for."""
        return [one for one in self.asked if one.param("page")]

    def details(self) -> list[tuple[str, str]]:
        """The details that were asked for: path and ids."""
        return [(one.path.rstrip("/"), one.param("id")) for one in self.asked if not one.param("page")]

    def model(self) -> list[list[tuple[Any, ...]]]:
        """What the published file says."""
        return [self.office.ask(sql) for sql in MODEL]

    def let_alone(self) -> Office:
        """The office, its sandbox as nobody listens to it."""
        del self.twin.handle
        return self.office

    def tells(self, table: str) -> dict[str, bool]:
        """Names and whether they are there still."""
        name = "title" if table == "tasks" else "name"
        return dict(self.office.ask(f"SELECT {name}, active FROM org.{table}"))  # noqa: S608 - names of our own
