"""The Nexudus sandbox: the documented admin API of one account as a small app (shared notes: vendors/nexudus.md)."""

import json
from collections import deque
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from sources.nexudus import sandbox_lists as lists
from sources.nexudus.sandbox_login import Desk
from sources.nexudus.sandbox_records import (
    ADMIN,
    KINDS,
    TASK,
    Kind,
    Record,
    base,
    from_local,
    listed,
    missing,
    read_time,
    replaced,
    written,
)
from sources.nexudus.sandbox_store import Store, Switches
from sources.twin import FaultyTwin, Now, TwinReply, TwinRequest, system_now

VERBS = {"POST": "Create", "PUT": "Edit", "DELETE": "Delete"}
MEMBERSHIP = {"TeamMembers", "TeamAdministrators"}
NOT_FOUND = TwinReply.of(404, "Not found")


class NexudusTwin(FaultyTwin):
    """One account; ``add_…`` fills its location ``business_id``. ``switches``: fields of ``Switches``, by name."""

    def __init__(
        self,
        *,
        business_id: int = 123,
        token: str | None = "tok-000",  # noqa: S107 - made up
        now: Now = system_now,
        **switches: Any,
    ) -> None:
        super().__init__(now)
        self.switches = Switches(**switches)
        self.desk = Desk(token, self.switches.username, self.switches.password, self.switches.login_refused_status)
        self._business = business_id
        self._store = Store(self.switches, now)
        self._writes: deque[datetime] = deque()

    def add_coworker(self, full_name: str, email: str, **fields: Any) -> int:
        """Put in a member, with more fields in the vendor's words, and return the id."""
        return self._store.add(KINDS["coworker"], {"FullName": full_name, "Email": email, "Active": True, **fields})

    def add_user(self, full_name: str, email: str, **fields: Any) -> int:
        """Put in an administrator, likewise."""
        return self._store.add(KINDS["user"], {"FullName": full_name, "Email": email, "Active": True, **fields})

    def add_task_list(self, name: str) -> int:
        """Put in a task list and return the id; a task belongs to it by ``TaskItemUniqueId`` = the list's UniqueId."""
        return self._store.add(KINDS["task_list"], {"BusinessId": self._business, "Name": name, "Active": True})

    def add_department(self, **fields: Any) -> int:
        """Put in a department, fields in the vendor's words (``Id`` too, where a test or a rehearsal needs it)."""
        return self._store.add(KINDS["department"], {"BusinessId": self._business, "Active": True, **fields})

    def add_team(self, **fields: Any) -> int:
        """Put in a team, fields in the vendor's words."""
        return self._store.add(KINDS["team"], {"BusinessId": self._business, **fields})

    def add_task(self, **fields: Any) -> int:
        """Put in a task, fields in the vendor's words."""
        return self._store.add(KINDS["task"], {"BusinessId": self._business, **fields})

    def load(self, kind: str, record: Record) -> None:
        """Put in a record of an account as it is, with its own ``Id``; fields that nobody knows here stay in it."""
        self._store.load(KINDS[kind], record)

    def knows(self, kind: str, number: int) -> bool:
        """Whether a record of this kind and id is there."""
        return number in self._store.table(KINDS[kind])

    def record(self, kind: str, number: int) -> Record:
        """A copy of a record as a GET by id shows it. ``kind``: department, team, task, coworker, user, task_list."""
        return deepcopy(self._store.shown(KINDS[kind], self._store.table(KINDS[kind])[number]))

    def ids(self, kind: str) -> list[int]:
        """The ids of every record of a kind."""
        return sorted(self._store.table(KINDS[kind]))

    def remove(self, kind: str, number: int) -> None:
        """Take a record away, as somebody else would."""
        del self._store.table(KINDS[kind])[number]

    def edit(self, kind: str, number: int, **fields: Any) -> None:
        """Change a record, as somebody else would."""
        if fields.keys() - MEMBERSHIP or self.switches.membership_moves_updated_on:
            fields["UpdatedOn"] = written(self._now())
        self._store.table(KINDS[kind])[number] |= fields

    def answer(self, request: TwinRequest) -> TwinReply:
        """Answer a request; paths and query keys count in any case."""
        path = request.path.lower()
        if path == "/api/token":
            return self.desk.answer(request) if request.method == "POST" else _plain(405, "POST only")
        for kind in KINDS.values():
            if path == kind.path or path.startswith(f"{kind.path}/"):
                return self._serve(kind, path.removeprefix(kind.path), request)
        return _plain(404, "No HTTP resource was found that matches the request URI.")

    def _serve(self, kind: Kind, rest: str, request: TwinRequest) -> TwinReply:
        query = {key.lower(): value for key, value in reversed(request.query)}
        verb = VERBS.get(request.method, "Read" if rest.strip("/") or (rest and "id" in query) else "List")
        granted = self.switches.roles is None or f"{kind.name}-{verb}" in self.switches.roles
        if not self.desk.admits(request) or not granted:
            return TwinReply(401)
        if request.method == "GET":
            return self._get(kind, rest, query)
        if self._exhausted():
            return TwinReply(self.switches.throttle_status, b"", {"Retry-After": "1"})
        if request.method == "DELETE" and kind.writable:
            return self._delete(kind, rest.strip("/"))
        body = request.json()
        if request.method not in ("POST", "PUT") or rest.strip("/") or not kind.writable:
            return _plain(405, f"The requested resource does not support http method '{request.method}'.")
        if not isinstance(body, dict) or not isinstance(body.get("Id", 0), int):
            return _plain(400, "The request is invalid.")
        return self._write(kind, body, fresh=request.method == "POST")

    def _get(self, kind: Kind, rest: str, query: dict[str, str]) -> TwinReply:
        table = self._store.table(kind)
        if rest.strip("/"):
            held = table.get(int(rest.strip("/"))) if rest.strip("/").isdecimal() else None
            return TwinReply.of(200, self._store.shown(kind, held)) if held else NOT_FOUND
        if rest == "/" and "id" in query:
            asked = _ids(query["id"])
            return TwinReply.of(200, [self._store.shown(kind, table[number]) for number in asked if number in table])
        filters = lists.without_updated(query) if self.switches.ignores_updated_filter else query
        page = lists.page_of(kind, lists.kept(kind, table.values(), filters), query, self.switches.dir_mode)
        shown = [self._store.shown(kind, record) for record in page["Records"]]
        blanks = self.switches.list_blanks_notes
        return TwinReply.of(200, {**page, "Records": [listed(kind, record, blanks=blanks) for record in shown]})

    def _delete(self, kind: Kind, rest: str) -> TwinReply:
        gone = self._store.table(kind).pop(int(rest), None) if rest.isdecimal() else None
        return self._done(kind, "deleted", None) if gone else NOT_FOUND

    def _write(self, kind: Kind, body: Record, *, fresh: bool) -> TwinReply:
        table = self._store.table(kind)
        if not fresh and body.get("Id") not in table:
            return NOT_FOUND
        wrong = [(name, "is a required field") for name in missing(kind, body)] or self._store.strangers(kind, body)
        due = None
        try:
            due = self._due(body)
        except ValueError:
            wrong.append(("DueDate", "is not a valid date"))
        if wrong:
            return _refused(wrong, body)
        held = base(self._store.free_id(), self._now()) if fresh else table[body["Id"]]
        new = replaced(kind, held, body)
        if kind is TASK:
            new["DueDate"] = due and written(due)
        if self.switches.honours_system_id:
            new["SystemId"] = body.get("SystemId")
        new |= {"UpdatedOn": held["UpdatedOn"] if fresh else written(self._now()), "UpdatedBy": ADMIN}
        table[new["Id"]] = new
        whole = fresh and self.switches.post_returns_record
        value = self._store.shown(kind, new) if whole else {"Id": new["Id"]}
        return self._done(kind, "created" if fresh else "updated", value)

    def _due(self, body: Record) -> datetime | None:
        local = from_local(body.get("DueDateLocal"), self.switches.zone)
        due = read_time(body.get("DueDate"))
        return local if local is not None and (self.switches.due_date_local_wins or due is None) else due

    def _exhausted(self) -> bool:
        """Whether the minute's writes are used up; counts this one otherwise."""
        if self.switches.throttle is None:
            return False
        now = self._now()
        while self._writes and now - self._writes[0] >= timedelta(minutes=1):
            self._writes.popleft()
        if len(self._writes) >= self.switches.throttle:
            return True
        self._writes.append(now)
        return False

    def _done(self, kind: Kind, verb: str, value: Any) -> TwinReply:
        told = {"Status": 200, "Message": f"{kind.name} was successfully {verb}.", "Value": value}
        screen = {"OpenInDialog": False, "OpenInWindow": False, "RedirectURL": None, "JavaScript": None}
        stamp = {"UpdatedOn": written(self._now()), "UpdatedBy": ADMIN}
        return TwinReply.of(200, {**told, **screen, **stamp, "Errors": None, "WasSuccessful": True})


def _refused(wrong: list[tuple[str, str]], body: Record) -> TwinReply:
    errors = [{"AttemptedValue": body.get(name), "Message": text, "PropertyName": name} for name, text in wrong]
    message = ", ".join(f"{name}: {text}" for name, text in wrong)
    return TwinReply.of(400, {"Message": message, "Value": None, "Errors": errors, "WasSuccessful": False})


def _plain(status: int, message: str) -> TwinReply:
    return TwinReply.of(status, {"Message": message})


def _ids(text: str) -> list[int]:
    """The numbers of ``[1,2,3]``, in order, each once."""
    try:
        found = json.loads(text)
    except ValueError:
        return []
    numbers = found if isinstance(found, list) else [found]
    return list(dict.fromkeys(number for number in numbers if isinstance(number, int)))
