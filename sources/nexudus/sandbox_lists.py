"""Lists of the Nexudus sandbox: filters, order and pages (shared notes: vendors/nexudus.md, sections 2.1 and 2.2)."""

from collections.abc import Iterable, Mapping
from typing import Any

from sources.nexudus.sandbox_records import Kind, Record, read_time

DEFAULT_SIZE = 25
LARGEST_SIZE = 1000
DESCENDING = {"0/1": {"1", "descending"}, "1/-1": {"-1", "descending"}}
"""By ``dir_mode``: the later text of the pages says 0 up and 1 down, the earlier one 1 up and -1 down."""


def kept(kind: Kind, records: Iterable[Record], query: Mapping[str, str]) -> list[Record]:
    """The records that the filters keep. ``query``: keys in lower case; an unknown key is ignored in silence."""
    return [record for record in records if all(_fits(kind, record, key, told) for key, told in query.items())]


def without_updated(query: Mapping[str, str]) -> dict[str, str]:
    """The filters of a tenant that ignores those on the time of the last change."""
    return {key: told for key, told in query.items() if not key.endswith("_updatedon")}


def page_of(kind: Kind, records: list[Record], query: Mapping[str, str], dir_mode: str) -> Record:
    """One page in the vendor's envelope. A size above 1000 is cut to it; a page past the end is empty."""
    size = min(max(_number(query.get("size"), DEFAULT_SIZE), 1), LARGEST_SIZE)
    page = max(_number(query.get("page"), 1), 1)
    order = _order(kind, query.get("orderby", ""))
    down = query.get("dir", "0").lower() in DESCENDING[dir_mode]
    ranked = sorted(records, key=lambda record: (_rank(record.get(order)), record["Id"]), reverse=down)
    start = (page - 1) * size
    shown = ranked[start : start + size]
    pages = -(-len(ranked) // size)
    return {
        "Records": shown,
        "CurrentPageSize": size,
        "CurrentPage": page,
        "CurrentOrderField": order,
        "CurrentSortDirection": int(down),
        "FirstItem": start + 1 if shown else 0,
        "HasNextPage": page < pages,
        "HasPreviousPage": page > 1,
        "LastItem": start + len(shown),
        "PageNumber": page,
        "PageSize": size,
        "TotalItems": len(ranked),
        "TotalPages": pages,
    }


def _fits(kind: Kind, record: Record, key: str, told: str) -> bool:
    bound, _, rest = key.partition("_") if key.startswith(("from_", "to_")) else ("", "", key)
    prefix = f"{kind.name.lower()}_"
    if key in ("id", "uniqueid"):
        return told.lower() == str(record["Id" if key == "id" else "UniqueId"]).lower()
    if not rest.startswith(prefix):
        return True
    name = _field(kind, record, rest.removeprefix(prefix))
    if name is None:
        return True
    return _in_range(bound, record[name], told) if bound else _matches(record[name], told)


def _field(kind: Kind, record: Record, asked: str) -> str | None:
    """The field that a filter means. References are asked for without their ``Id``, never with it."""
    names = {name.lower(): name for name in record if not name.endswith("Id") or name in ("SystemId", "UniqueId")}
    names |= {name.removesuffix("Id").lower(): name for name in kind.values if name.endswith("Id")}
    return names.get(asked)


def _matches(held: Any, told: str) -> bool:
    if isinstance(held, bool):
        return str(held).lower() == told.lower()
    if isinstance(held, str):
        return told.lower() in held.lower()  # contains, as the vendor's examples suggest
    return held is not None and str(held) == told


def _in_range(bound: str, held: Any, told: str) -> bool:
    """Whether a time is at least (``from``) or at most (``to``) the one that was told, both included."""
    try:
        moment, limit = read_time(held), read_time(told)
    except ValueError:
        return True
    if moment is None or limit is None:
        return False
    return moment >= limit if bound == "from" else moment <= limit


def _order(kind: Kind, asked: str) -> str:
    names = {name.lower(): name for name in (*kind.values, *kind.flags, "Id", "CreatedOn", "UpdatedOn")}
    return names.get(asked.lower(), kind.order)


def _rank(held: Any) -> tuple[bool, Any]:
    return (held is not None, held if isinstance(held, int | float) else str(held or "").lower())


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.lstrip("-").isdecimal() else default
