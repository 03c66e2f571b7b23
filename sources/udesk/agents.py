"""Who belongs to which department, as Udesk's list of agents tells it. Source: Udesk's page "agents".

Of an agent nothing is kept but the ids of the departments: the list may hold addresses and accounts of telephones.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from sources.errors import Unavailable
from sources.message import Call
from sources.udesk.tree import is_id

T = TypeVar("T")
Record = dict[str, Any]

PATH = "/open_api_v1/agents"
PER_PAGE = 100  # the documented maximum; the default is 20


class Ask(Protocol):
    """Sends a call, and returns what ``parse`` makes of the body of its success."""

    def __call__(self, call: Call, parse: Callable[[Record], T]) -> T:
        """Raises the reply's ``VendorError``."""


@dataclass(slots=True)
class Staff:
    """``members``: department → how many agents belong to it. ``told``: the list says who belongs where at all.

    It did not always: the page has editions in which an agent has no departments.
    """

    told: bool = True
    members: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Page:
    ids: list[str]
    departments: list[list[str] | None]
    pages: int
    total: int | None


def staff(ask: Ask) -> Staff:
    """All agents, disabled ones too, page by page. Raises ``Unavailable`` where they do not add up."""
    seen: dict[str, list[str] | None] = {}
    number, pages = 0, 1
    while number < pages:
        number += 1
        query = (("page", str(number)), ("per_page", str(PER_PAGE)), ("with_disabled", "true"))
        page = ask(Call("GET", PATH, query), lambda body, asked=number: _page(body, asked))  # type: ignore[misc]  # a default binds the loop's value
        pages = page.pages
        seen |= dict(zip(page.ids, page.departments, strict=True))
    if page.total is not None and page.total != len(seen):
        raise Unavailable(f"Udesk says that there are {page.total} agents, and shows {len(seen)}")
    told = [one for one in seen.values() if one is not None]
    return Staff(bool(told) or not seen, Counter(one for some in told for one in set(some)))


def _page(body: Record, asked: int) -> _Page:
    agents, meta = body.get("agents"), body.get("meta")
    if not isinstance(agents, list) or not isinstance(meta, dict):
        raise Unavailable("a success without a list of agents and its meta")
    current, pages = meta.get("current_page"), meta.get("total_pages")
    if current != asked or type(pages) is not int:
        raise Unavailable(f"asked for page {asked} of the agents, page {current!r} of {pages!r} came"[:200])
    if not all(isinstance(one, dict) and is_id(one.get("id")) for one in agents):
        raise Unavailable("an agent without an id")
    total = meta.get("total_count", meta.get("count"))  # an older official sample calls it so
    return _Page(
        [str(one["id"]) for one in agents],
        [_departments(one) for one in agents],
        pages,
        total if type(total) is int else None,
    )


def _departments(agent: Record) -> list[str] | None:
    """The departments of an agent, None where that is not told; documented as an object, seen by nobody."""
    if "departments" not in agent:
        return None
    held = agent["departments"]
    rows = held if isinstance(held, list) else [held] if held else []
    if not all(isinstance(one, dict) and is_id(one.get("id")) for one in rows):
        raise Unavailable("an agent's departments have no ids")
    return [str(one["id"]) for one in rows]
