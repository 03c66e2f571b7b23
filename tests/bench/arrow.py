"""What a good engineer writes by hand: concurrent httpx fetches, each page parsed by Arrow's own JSON reader."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

import httpx
import pyarrow as pa
import pyarrow.json as pj

PATH = "/api/crm/coworkertasks"
QUERY = {"size": "1000", "orderBy": "Id", "dir": "1", "CoworkerTask_Business": "123"}
HEADERS = {"Authorization": "Bearer tok-000", "Accept": "application/json"}
CONCURRENT = 8
AHEAD = 32  # pages asked for before they are taken: memory does not grow with their number
ROWS = 20_000  # of a table that is handed on: many small inserts are dear

_NUMBERS = ("Id", "BusinessId", "CoworkerId", "ResponsibleId")
_FLAGS = ("IsNew", "Completed", "Reminded", "NotifyByEmail", "DisplayToEveryone")
_TIMES = ("CreatedOn", "UpdatedOn", "DueDate", "DueDateLocal")
_TEXTS = (
    *("UniqueId", "SystemId", "UpdatedBy", "CustomFields", "LocalizationDetails", "Name", "Notes", "TaskItemUniqueId"),
    *("BusinessName", "ToStringText", "CoworkerFullName", "CoworkerCompanyName", "CoworkerTeamNames", "TaskListName"),
    *("FormPageRequestUniqueId", "ResponsibleFullName"),
)
_KINDS = (
    *((name, pa.int64()) for name in _NUMBERS),
    *((name, pa.bool_()) for name in _FLAGS),
    *((name, pa.timestamp("us", "UTC")) for name in _TIMES),
    *((name, pa.string()) for name in _TEXTS),
)
_PAGE = pa.schema([("Records", pa.list_(pa.struct(_KINDS))), ("TotalPages", pa.int64())])


def tables(url: str) -> Iterator[pa.Table]:
    """All tasks of a location, the newest first, as tables of some ``ROWS`` rows."""
    held: list[pa.Table] = []
    for page in _pages(url):
        held.append(page)
        if sum(len(one) for one in held) >= ROWS:
            yield pa.concat_tables(held)
            held = []
    if held:
        yield pa.concat_tables(held)


def _pages(url: str) -> Iterator[pa.Table]:
    limits = httpx.Limits(max_connections=CONCURRENT, max_keepalive_connections=CONCURRENT)
    with (
        httpx.Client(base_url=url, headers=HEADERS, limits=limits, timeout=60) as client,
        ThreadPoolExecutor(CONCURRENT) as pool,
    ):
        first, last = _page(client, 1)
        yield first
        rest = iter(range(2, last + 1))
        running: deque[Future[tuple[pa.Table, int]]] = deque()
        running.extend(pool.submit(_page, client, number) for number in islice(rest, AHEAD))
        while running:
            yield running.popleft().result()[0]
            running.extend(pool.submit(_page, client, number) for number in islice(rest, 1))


def _page(client: httpx.Client, number: int) -> tuple[pa.Table, int]:
    """One page's records, and how many pages there are."""
    body = client.get(PATH, params={**QUERY, "page": str(number)}).raise_for_status().content
    told = pj.read_json(
        pa.BufferReader(body),
        read_options=pj.ReadOptions(use_threads=False, block_size=len(body) + 1),
        parse_options=pj.ParseOptions(explicit_schema=_PAGE, unexpected_field_behavior="ignore"),
    )
    return pa.Table.from_struct_array(told["Records"].combine_chunks().flatten()), told["TotalPages"][0].as_py()
