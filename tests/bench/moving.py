"""The emulated vendors that a migration is measured against: a process of its own that counts what it is asked."""

import argparse
import json
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.request import ProxyHandler, build_opener

from pipelines.sandbox import CLIENT_ID
from sources.nexudus.sandbox import NexudusTwin
from sources.scalepad.sandbox import ScalePadTwin
from sources.twin import TwinReply, TwinServer
from sources.udesk.sandbox import UdeskTwin
from tests.bench.measure import process
from tests.houses import house

FREE = "pace = {reads_per_minute = 6000000, writes_per_minute = 6000000, writes_per_day = 1000000, concurrency = 4}"
CONFIG = """\
[workspace]
settle = "1s"

[connections.udesk_cn]
vendor = "udesk"
base_url = "{url}/udesk"
name_scope = "parent"
{free}

[connections.amm]
vendor = "scalepad"
base_url = "{url}/scalepad/v2"
client_id = "{client}"
{free}

[connections.hq]
vendor = "nexudus"
base_url = "{url}/nexudus"
business_id = 123
{free}

[connections.second]
vendor = "udesk"
base_url = "{url}/second"
name_scope = "parent"
{free}
"""
MOUNTS: Mapping[str, str] = {"amm": "scalepad", "hq": "nexudus", "second": "second"}
SECRETS = {
    "CONNECTIONS__UDESK_CN__EMAIL": "admin@example.test",
    "CONNECTIONS__UDESK_CN__OPEN_API_TOKEN": "tok-000",
    "CONNECTIONS__SECOND__EMAIL": "admin@example.test",
    "CONNECTIONS__SECOND__OPEN_API_TOKEN": "tok-001",
    "CONNECTIONS__AMM__TOKEN": "tok-002",
    "CONNECTIONS__HQ__TOKEN": "tok-003",
}


class Counting(TwinServer):
    """Tells at ``/_sandbox/counts`` how many calls and writes each vendor had, and how much it holds."""

    def __init__(self, twins: Mapping[str, Any]) -> None:
        super().__init__(twins)
        self._held: Mapping[str, Any] = twins
        self._calls: Counter[str] = Counter()
        self._writes: Counter[str] = Counter()
        self._counting = threading.Lock()

    def dispatch(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> TwinReply:
        """The sandbox's answer, or the counts."""
        mount = target.split("/")[1]
        if mount != "_sandbox":
            with self._counting:
                self._calls[mount] += 1
                self._writes[mount] += method != "GET"
            return super().dispatch(method, target, headers, body)
        there = {
            "scalepad": sum(not one.deleted for one in list(self._held["scalepad"]._departments.values())),
            "second": len(self._held["second"]._departments),
            "nexudus": len(self._held["nexudus"].ids("department")),
        }
        return TwinReply.of(
            200,
            {name: {"calls": self._calls[name], "writes": self._writes[name], "there": there[name]} for name in there},
        )


def serve(told: argparse.Namespace) -> None:
    """Serve until standard input ends."""
    udesk = UdeskTwin(token="tok-000", name_scope="parent")
    ids: dict[tuple[str, ...], int] = {}
    for path in house(told.size, told.seed):
        ids[path] = udesk.add_department(path[-1], ids.get(path[:-1], 0))
    twins = {
        "udesk": udesk,
        "second": UdeskTwin(token="tok-001", name_scope="parent"),
        "scalepad": ScalePadTwin(token="tok-002", client_id=CLIENT_ID),
        "nexudus": NexudusTwin(business_id=123, token="tok-003"),
    }
    with Counting(twins) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        sys.stdin.read()


@contextmanager
def served(told: argparse.Namespace) -> Iterator[str]:
    """The sandboxes as a process of their own."""
    words = ("--serve", f"--size={told.size}", f"--seed={told.seed}")
    with process("tests.bench.migrate", *words, errors=False) as url:  # a killed client breaks its connections
        yield url


def counts(url: str, target: str) -> Mapping[str, int]:
    """How many calls and writes a target had, and how many records it holds."""
    with build_opener(ProxyHandler({})).open(f"{url}/_sandbox/counts", timeout=60) as answer:
        found: Mapping[str, int] = json.load(answer)[MOUNTS[target]]
    return found
