"""ScalePad AMM's department and user calls as a small in-process app. Source: the AMM pages departments/* and users/*.

Documented: paths, fields, page sizes, sort keys, status codes, the bodies of the missing name and the name conflict,
soft delete, and the form of the members answers. Invented, since no document says it: the codes of 401, 403 and 404
and their texts, the answers to bad paging parameters and malformed bodies, what a cursor holds and that it is bound to
its query, that pages are cut from the present list and not from a snapshot, how names are compared, whether a deleted
name is free again, and plain text for other paths. The throttled answer is the sister API's.
"""

import math
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from itertools import count
from operator import attrgetter
from typing import Any, Literal, TypeVar
from uuid import NAMESPACE_URL, uuid5

from sources.scalepad.sandbox_pages import Refused, Sorts, object_of, page, text_or_none, texts
from sources.twin import FaultyTwin, Now, TwinReply, TwinRequest, system_now

CLIENT_ID = "aa7cf840-9ca9-46a3-9778-9015d6580d50"  # the documented sample's
WINDOW = 5.0  # seconds in which ``limit`` calls are allowed
BY_NAME, BY_USERNAME, BY_CREATION = (attrgetter(name) for name in ("name", "username", "created_at"))
T = TypeVar("T")


@dataclass(slots=True)
class _Department:
    id: str
    name: str
    description: str | None
    created_at: str
    updated_at: str
    deleted: bool = False


@dataclass(slots=True)
class _User:
    id: str
    username: str
    created_at: str
    updated_at: str
    departments: list[str] = field(default_factory=list)


class ScalePadTwin(FaultyTwin):
    """One client organisation. ``limit``: calls in 5 seconds. ``forbidden``: the token has no permission for it.

    ``next_cursor`` on the last page: "null", or "absent" as on the sister API. Times are ISO 8601 in milliseconds.
    """

    def __init__(
        self,
        *,
        token: str = "tok-000",  # noqa: S107 - made up
        client_id: str = CLIENT_ID,
        now: Now = system_now,
        name_compare: Literal["casefold", "exact"] = "casefold",
        next_cursor: Literal["null", "absent"] = "null",
        deleted_names: Literal["free", "taken"] = "free",
        limit: int | None = None,
        forbidden: bool = False,
    ) -> None:
        super().__init__(now)
        self._token, self._client_id = token, client_id
        self._compare, self._next_cursor, self._deleted_names = name_compare, next_cursor, deleted_names
        self._limit, self._forbidden = limit, forbidden
        self._departments: dict[str, _Department] = {}  # in the order of creation, deleted ones too
        self._once_named: defaultdict[str, set[str]] = defaultdict(set)  # folded name → ids that bear or bore it
        self._users: dict[str, _User] = {}
        self._calls: deque[float] = deque()

    @property
    def departments(self) -> dict[str, tuple[str, str | None]]:
        """What is visible: id → (name, description)."""
        return {key: (it.name, it.description) for key, it in self._departments.items() if not it.deleted}

    def add_department(self, name: str, description: str | None = None, *, id: str = "") -> str:  # noqa: A002 - its name there
        """Put a department there without any check, as if somebody had made it in the console."""
        made = self._stamp()
        new = _Department(id or self._new_id("department", self._departments), name, description, made, made)
        self._departments[new.id] = new
        self._once_named[self._folded(name)].add(new.id)
        return new.id

    def rename(self, department_id: str, name: str) -> None:
        """Rename a department as if somebody had done so in the console."""
        department = self._departments[department_id]
        department.name, department.updated_at = name, self._stamp()
        self._once_named[self._folded(name)].add(department_id)

    def add_user(self, username: str, departments: Sequence[str] = ()) -> str:
        """Put a user there, with the ids of its departments."""
        made, new = self._stamp(), self._new_id("user", self._users)
        self._users[new] = _User(new, username, made, made, list(departments))
        return new

    def answer(self, request: TwinRequest) -> TwinReply:
        """Answer a request by ScalePad's contract, below ``/clients/…`` or ``/v2/clients/…``."""
        if wait := self._count_call():
            return TwinReply(429, b"Too many requests", {"Content-Type": "text/plain", "Retry-After": str(wait)})
        try:
            return self._route(request)
        except Refused as refused:
            return refused.reply

    def _stamp(self) -> str:
        return self._now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _new_id(self, kind: str, present: Mapping[str, object]) -> str:
        ids = (str(uuid5(NAMESPACE_URL, f"{self._client_id}/{kind}/{place}")) for place in count(len(present) + 1))
        return next(one for one in ids if one not in present)

    def _count_call(self) -> int:
        """Seconds to wait, 0 when the call is within the limit."""
        if self._limit is None:
            return 0
        now = self._now().timestamp()
        while self._calls and self._calls[0] <= now - WINDOW:
            self._calls.popleft()
        if len(self._calls) >= self._limit:
            return max(1, math.ceil(self._calls[0] + WINDOW - now))
        self._calls.append(now)
        return 0

    def _route(self, request: TwinRequest) -> TwinReply:
        match request.path.removeprefix("/v2").strip("/").split("/"):
            case ["clients", client_id, "departments", *rest]:
                self._authorise(request, client_id)
                return self._department_call(request, rest)
            case ["clients", client_id, "users", *rest]:
                self._authorise(request, client_id)
                return self._user_call(request, rest)
        return TwinReply(404, b"not found", {"Content-Type": "text/plain"})

    def _authorise(self, request: TwinRequest, client_id: str) -> None:
        if request.headers.get("authorization") != f"Bearer {self._token}":
            raise Refused(401, "unauthorized", "Authentication required")
        if client_id != self._client_id:
            raise Refused(404, "not_found", "Client not found", client_id=client_id)
        if self._forbidden:
            raise Refused(403, "forbidden", "Insufficient permissions for this client")

    def _department_call(self, request: TwinRequest, rest: list[str]) -> TwinReply:
        match (request.method, *rest):
            case ("GET",):
                visible = [it for it in self._departments.values() if not it.deleted]
                sorts: Sorts[_Department]
                sorts = {"name": BY_NAME, "member_count": self._member_count, "created_at": BY_CREATION}
                return self._list(request, visible, sorts, self._shown)
            case ("POST",):
                return self._create(object_of(request))
            case ("GET", key):
                return TwinReply.of(200, self._shown(self._find(key)))
            case ("PATCH", key):
                return self._edit(self._find(key), object_of(request))
            case ("DELETE", key):
                self._find(key).deleted = True
                return TwinReply(204)
            case ("POST", key, "members"):
                return self._members(self._find(key), object_of(request), add=True)
            case ("POST", key, "members", "remove"):
                return self._members(self._find(key), object_of(request), add=False)
        raise Refused(405, "invalid_request", "Method not allowed")

    def _find(self, key: str) -> _Department:
        found = self._departments.get(key)
        if found is None or found.deleted:
            raise Refused(404, "not_found", "Department not found", department_id=key)
        return found

    def _shown(self, department: _Department) -> dict[str, Any]:
        return {
            "id": department.id,
            "name": department.name,
            "description": department.description,
            "member_count": self._member_count(department),
            "created_at": department.created_at,
            "updated_at": department.updated_at,
        }

    def _member_count(self, department: _Department) -> int:
        return sum(department.id in user.departments for user in self._users.values())

    def _list(self, request: TwinRequest, items: Iterable[T], sorts: Sorts[T], shown: Callable[[T], Any]) -> TwinReply:
        found, total, following = page(request, items, sorts)
        body: dict[str, Any] = {"data": [shown(item) for item in found], "total_count": total}
        if following or self._next_cursor == "null":
            body["next_cursor"] = following
        return TwinReply.of(200, body)

    def _create(self, body: Mapping[str, Any]) -> TwinReply:
        made = self.add_department(self._name(body.get("name")), text_or_none(body, "description"))
        return TwinReply.of(201, self._shown(self._departments[made]))

    def _edit(self, department: _Department, body: Mapping[str, Any]) -> TwinReply:
        name = self._name(body["name"], department) if "name" in body else department.name
        description = text_or_none(body, "description") if "description" in body else department.description
        self.rename(department.id, name)
        department.description = description
        return TwinReply.of(200, self._shown(department))

    def _name(self, name: object, own: _Department | None = None) -> str:
        if not isinstance(name, str) or not name.strip():
            raise Refused(400, "invalid_request", "Department name is required", field="name")
        wanted = self._folded(name)
        for other in (self._departments[key] for key in self._once_named[wanted]):
            hidden = other.deleted and self._deleted_names == "free"
            if other is not own and not hidden and self._folded(other.name) == wanted:
                raise Refused(409, "conflict", "A department with this name already exists", name=name)
        return name

    def _folded(self, name: str) -> str:
        return name.strip().casefold() if self._compare == "casefold" else name

    def _members(self, department: _Department, body: Mapping[str, Any], *, add: bool) -> TwinReply:
        ids = texts(body, "user_ids")
        known = [key for key in ids if key in self._users]
        for key in known:
            others = [other for other in self._users[key].departments if other != department.id]
            self._users[key].departments = [*others, department.id] if add else others
        failed = [{"id": key, "error": "User not found"} for key in ids if key not in self._users]
        return TwinReply.of(200, {"succeeded": known, "failed": failed})

    def _user_call(self, request: TwinRequest, rest: list[str]) -> TwinReply:
        if request.method == "GET" and not rest:
            wanted = request.param("department_id")
            users = [user for user in self._users.values() if not wanted or wanted in user.departments]
            return self._list(request, users, {"username": BY_USERNAME, "created_at": BY_CREATION}, self._shown_user)
        user = self._users.get(rest[0]) if len(rest) == 1 else None
        if user is None:
            raise Refused(404, "not_found", "User not found", user_id="/".join(rest))
        if request.method == "PATCH":
            user.departments = [self._find(key).id for key in texts(object_of(request), "departments")]
            user.updated_at = self._stamp()
        return TwinReply.of(200, self._shown_user(user))

    def _shown_user(self, user: _User) -> dict[str, Any]:
        visible = self.departments
        return {
            "id": user.id,
            "username": user.username,
            "user_key": user.username,
            "last_activity": {"at": None, "desktop_at": None, "web_at": None},
            "departments": [{"id": key, "name": visible[key][0]} for key in user.departments if key in visible],
            "created_at": user.created_at,
            "updated_at": user.updated_at,
        }
