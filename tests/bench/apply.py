"""``make bench-apply``: how long an apply takes where nothing but the vendor's latency stands in its way.

``python -m tests.bench.apply``. One sandbox process answers every call after a latency, with no limit to its pace; an
apply of so many creates, so many at a time, is measured against latency × creates ÷ concurrency.
"""

import argparse
import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import ProxyHandler, build_opener

from pipelines.sandbox import CLIENT_ID, SECRETS, accounts_for
from sources.scalepad.sandbox import ScalePadTwin
from sources.twin import TwinReply, TwinServer
from sources.udesk.sandbox import UdeskTwin
from tests.bench.measure import Broken, fresh_folder, process
from tests.bench.running import Bench, conduct, ended, options, orgweave

TARGET, CALLS = 1.3, 2  # times the latency's own; calls a create beside the list at the start
RULES = """\
[departments]
authority = ["udesk_cn"]
write_to = ["amm"]

[limits]
creates = 1000000
"""


class Slow(TwinServer):
    """Answers calls of ScalePad after a latency, however many come at once."""

    latency = 0.0

    def dispatch(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> TwinReply:
        """The sandbox's answer, late."""
        began = time.perf_counter()
        reply = super().dispatch(method, target, headers, body)
        if target.startswith("/scalepad/"):
            threading.Event().wait(max(0.0, self.latency - (time.perf_counter() - began)))
        return reply


def serve(told: argparse.Namespace) -> None:
    """Serve until standard input ends."""
    email, token = (SECRETS[f"CONNECTIONS__UDESK_CN__{one}"] for one in ("EMAIL", "OPEN_API_TOKEN"))
    udesk = UdeskTwin(email=email, token=token, name_scope="parent")
    for number in range(told.creates):
        udesk.add_department(f"Department {number:05}")
    scalepad = ScalePadTwin(token=SECRETS["CONNECTIONS__AMM__TOKEN"], client_id=CLIENT_ID)
    with Slow({"udesk": udesk, "scalepad": scalepad}) as server:
        server.latency = told.latency / 1000
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        sys.stdin.read()


@contextmanager
def served(told: argparse.Namespace) -> Iterator[str]:
    """The sandboxes as a process of their own."""
    with process("tests.bench.apply", "--serve", *_sizes(told)) as url:
        yield url


def _sizes(told: argparse.Namespace) -> list[str]:
    return [f"--{name}={getattr(told, name)}" for name in ("creates", "latency", "abreast")]


def once(told: argparse.Namespace) -> tuple[float, float]:
    """Apply once, from an empty workspace: seconds of writing, and calls a create."""
    with fresh_folder() as folder, served(told) as url:
        (folder / "orgweave.toml").write_text(_config(url, told.abreast), "utf-8")
        for words in (["pull"], ["plan"]):
            _orgweave(folder, *words)
        before = _calls(url)
        document = _orgweave(folder, "apply", "--yes", "--json")
        if not document["verified"]:
            raise Broken(f"the apply was not verified: {document['summary']}")
        return document["seconds"]["write"], (_calls(url) - before) / told.creates


def _config(url: str, abreast: int) -> str:
    accounts = accounts_for(url)
    pace = f"pace = {{concurrency = {abreast}, reads_per_minute = 6000000}}\n"
    return f"{accounts['udesk_cn']}\n{accounts['amm']}{pace}\n{RULES}"


def _orgweave(folder: Path, *words: str) -> Any:
    out = ended(orgweave(folder, SECRETS, *words))
    return json.loads(out) if "--json" in words else None


def _calls(url: str) -> int:
    with build_opener(ProxyHandler({})).open(f"{url}/_sandbox/requests", timeout=60) as answer:
        return sum(mount == "scalepad" for mount, *_ in json.load(answer))


def page(told: argparse.Namespace, times: Sequence[float], calls: float) -> str:
    """The part of docs/performance.md."""
    floor = told.latency / 1000 * told.creates / told.abreast
    ratio = median(times) / floor
    each = ", ".join(f"{one:.2f}" for one in times)
    return f"""\
## Applying a plan

`make bench-apply`: {told.creates:,} creates at a vendor without a limit that answers after {told.latency} ms,
{told.abreast} at a time (`[connections.amm.pace] concurrency = {told.abreast}`), the journal's durable begin and end of
every write included.

| | here | target | |
| --- | ---: | ---: | --- |
| seconds of writing, by round | {each} | | |
| times latency × creates ÷ concurrency ({floor:.2f} s) | {ratio:.2f} | <= {TARGET} | {_met(ratio <= TARGET)} |
| calls a create, all lists included | {calls:.2f} | <= {CALLS} | {_met(calls <= CALLS)} |
"""


def _met(reached: bool) -> str:  # noqa: FBT001 - a cell of the table
    return "reached" if reached else "missed"


def measure(told: argparse.Namespace) -> str:
    """Apply so many times."""
    rounds = [once(told) for _ in range(told.rounds)]
    return page(told, [seconds for seconds, _ in rounds], max(calls for _, calls in rounds))


BENCH = Bench("apply", __doc__, {"creates": 1000, "latency": 50, "abreast": 8, "rounds": 3}, serve, measure)

if __name__ == "__main__":
    conduct(BENCH, options(BENCH).parse_args())
