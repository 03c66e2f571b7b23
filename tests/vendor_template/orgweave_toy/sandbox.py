"""Toy's documented calls as a small in-process app. What no document says is invented here, and says so.

Documented: paths, fields, status codes. Invented: everything else.
"""

from collections.abc import Mapping
from itertools import count
from typing import Any

from sources.twin import FaultyTwin, Now, TwinReply, TwinRequest, system_now


def refused(status: int, code: str) -> TwinReply:
    """A refusal in Toy's own form."""
    return TwinReply.of(status, {"error": {"code": code, "message": code.replace("_", " ")}})


class ToyTwin(FaultyTwin):
    """An account. ``token``: the one that it accepts."""

    def __init__(self, *, token: str = "tok-000", now: Now = system_now) -> None:  # noqa: S107 - made up
        super().__init__(now)
        self._token = token
        self._ids = count(1)
        self.departments: dict[str, dict[str, Any]] = {}  # as they are shown, by id, in the order of creation

    def add_department(self, name: str, about: str | None = None, *, id: str | None = None) -> str:  # noqa: A002 - Toy's word
        """Put a department there, as somebody in the console would."""
        key = id or next(key for number in self._ids if (key := str(number)) not in self.departments)
        self.departments[key] = {"id": key, "name": name, "about": about}
        return key

    def answer(self, request: TwinRequest) -> TwinReply:
        """Answer by the contract."""
        if request.headers.get("authorization") != f"Bearer {self._token}":
            return refused(401, "unauthorized")
        if request.path == "/departments":
            return self._listed(request) if request.method == "GET" else self._created(request.json())
        key = request.path.removeprefix("/departments/")
        if key not in self.departments:
            return refused(404, "no_such_department")
        match request.method:
            case "GET":
                return TwinReply.of(200, self.departments[key])
            case "PATCH":
                return self._changed(key, request.json())
            case "DELETE":
                del self.departments[key]
                return TwinReply(204)
        return refused(405, "no_such_method")

    def _listed(self, request: TwinRequest) -> TwinReply:
        start, size = int(request.param("offset", "0")), int(request.param("limit", "100"))
        every = list(self.departments.values())
        return TwinReply.of(200, {"departments": every[start : start + size], "total": len(every)})

    def _created(self, body: Mapping[str, Any]) -> TwinReply:
        if not body.get("name"):
            return refused(422, "name_is_required")
        return TwinReply.of(201, self.departments[self.add_department(body["name"], body.get("about"))])

    def _changed(self, key: str, body: Mapping[str, Any]) -> TwinReply:
        if not body.get("name", "as it is"):
            return refused(422, "name_is_required")
        self.departments[key] |= body
        return TwinReply.of(200, self.departments[key])
