"""The agents of the Udesk sandbox: who belongs to which department. Source: Udesk's page "agents".

Documented: the path, the paging, ``with_disabled``, the fields that are shown here. Not documented, hence a switch of
the sandbox: whether ``departments`` is one object or several, and whether it is there at all.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sources.twin import TwinRequest

PATH = "/open_api_v1/agents"
DEFAULT_SIZE, LARGEST_SIZE = 20, 100

Form = Literal["list", "object", "absent"]


class Agents:
    """The agents of a tenant. ``form``: how an agent's departments are shown; "object" shows the first alone."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._held: dict[int, tuple[str, list[int], bool]] = {}

    def add(self, nick_name: str, departments: Sequence[int] = (), *, disabled: bool = False) -> int:
        """Put an agent there, with the ids of the departments, and return its id."""
        number = len(self._held) + 1
        self._held[number] = (nick_name, list(departments), disabled)
        return number

    def of(self, department: int) -> list[str]:
        """Who belongs to a department."""
        return [name for name, departments, _ in self._held.values() if department in departments]

    def leave(self, department: int) -> None:
        """Nobody belongs to it any more."""
        for _, departments, _ in self._held.values():
            departments[:] = [one for one in departments if one != department]

    def page(self, request: TwinRequest, names: Mapping[int, str]) -> dict[str, Any]:
        """One page, as the vendor shows it; ``names``: what departments are called."""
        size = min(_number(request.param("per_page"), DEFAULT_SIZE), LARGEST_SIZE)
        page = _number(request.param("page"), 1)
        wanted = request.param("with_disabled") == "true"
        shown = [key for key, (_, _, disabled) in sorted(self._held.items()) if wanted or not disabled]
        meta = {"current_page": page, "total_pages": max(1, -(-len(shown) // size)), "total_count": len(shown)}
        return {"meta": meta, "agents": [self._shown(key, names) for key in shown[(page - 1) * size :][:size]]}

    def _shown(self, key: int, names: Mapping[int, str]) -> dict[str, Any]:
        nick_name, departments, disabled = self._held[key]
        told = [{"id": one, "name": names.get(one, "")} for one in departments]
        shown: dict[str, Any] = {"id": key, "nick_name": nick_name, "disable_status": disabled}
        if self._form == "absent":
            return shown
        return {**shown, "departments": told if self._form == "list" else next(iter(told), None)}


def _number(text: str, default: int) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() else default
