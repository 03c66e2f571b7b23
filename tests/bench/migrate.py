"""``make bench-migrate``: a whole organisation moved from Udesk to each vendor, killed on the way again and again.

``python -m tests.bench.migrate``. One process serves the sandboxes; ``orgweave migrate --yes`` runs in processes of its
own, which are killed (SIGKILL) at random moments, and started again until nothing is left to do.
"""

import argparse
import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from pipelines.sandbox import CLIENT_ID
from tests.bench.measure import fresh_folder
from tests.bench.moving import CONFIG, FREE, SECRETS, counts, serve, served
from tests.bench.running import Bench, conduct, ended, options, orgweave

TARGETS: Mapping[str, str] = {"amm": "ScalePad", "hq": "Nexudus", "second": "Udesk"}
MOST_CALLS = 1.03  # times the creates


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move came to. ``calls``: those to the target until nothing was left; ``twins``: records too many there."""

    target: str
    creates: int
    calls: int
    kills: int
    runs: int
    twins: int
    missing: int
    parity: bool
    again: int
    seconds: float

    @property
    def sound(self) -> bool:
        """Whether all figures are reached."""
        complete = not (self.twins or self.missing or self.again) and self.parity
        return complete and self.calls <= self.creates * MOST_CALLS


def start(folder: Path, *words: str) -> "subprocess.Popen[str]":
    """``orgweave migrate`` from Udesk in a process of its own."""
    return orgweave(folder, SECRETS, "migrate", "--from", "udesk_cn", "--json", "--quiet", *words)


def told_by(process: "subprocess.Popen[str]") -> Any:
    """The JSON of a process that came to its end."""
    return json.loads(ended(process, (0, 3)))


def killed(process: "subprocess.Popen[str]", url: str, target: str, at: int) -> bool:
    """Kill a move once so many writes arrived; whether it was still at work. What it says must be read, or it waits."""
    while True:
        try:
            process.communicate(timeout=0.05)
        except subprocess.TimeoutExpired:
            if counts(url, target)["writes"] >= at:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                return True
        else:
            return False


def move(told: argparse.Namespace, target: str) -> Moved:
    """Move everything to one target, killed on the way, until a run has nothing left to do."""
    chance = Random(f"{told.seed} {target}")  # noqa: S311 - repeatable moments
    moments = sorted(chance.sample(range(1, told.size), told.kills))
    began = time.monotonic()
    with fresh_folder() as folder, served(told) as url:
        (folder / "orgweave.toml").write_text(CONFIG.format(url=url, client=CLIENT_ID, free=FREE), "utf-8")
        words = ("--to", target, "--yes", "--no-rehearse")
        kills = sum(killed(start(folder, *words), url, target, at) for at in moments)
        runs, left = kills, True
        while left and runs < kills + 6:
            threading.Event().wait(1.2)  # the settle time of this configuration
            runs += 1
            left = bool(told_by(start(folder, *words))["exit_code"])
        calls = counts(url, target)["calls"]
        check = told_by(start(folder, "--to", target, "--check"))["parity"]
        before = counts(url, target)
        told_by(start(folder, *words))
        after = counts(url, target)
        there = Counter(check["counts"])
        return Moved(
            target=target,
            creates=told.size,
            calls=calls,
            kills=kills,
            runs=runs,
            twins=max(0, after["there"] - told.size),
            missing=told.size - there["same"],
            parity=bool(check["good"]),
            again=after["writes"] - before["writes"],
            seconds=time.monotonic() - began,
        )


def page(told: argparse.Namespace, moved: Sequence[Moved]) -> str:
    """The part of docs/performance.md."""
    rows = "\n".join(
        f"| {TARGETS[one.target]} | {one.kills} of {one.runs} | {one.missing} | {one.twins} | "
        f"{'green' if one.parity else 'red'} | {one.again} | {one.calls:,} ({one.calls / one.creates:.3f}) | "
        f"{one.seconds:.0f} s | {'reached' if one.sound else 'missed'} |"
        for one in moved
    )
    return f"""\
## Migrating

`make bench-migrate`: {told.size:,} departments of a six-level tree (namesakes, names of 255 characters, emoji,
right-to-left and Chinese names, names that look like formulas or SQL) from Udesk to each vendor, with runs killed at
random moments; then `migrate --check`, then the same migration once more. Calls count all that reached the target
until nothing was left to do, every list included; the target is {MOST_CALLS} a create.

| to | killed runs | missing | twins | parity | writes of the run after | calls (a create) | took | |
| --- | ---: | ---: | ---: | --- | ---: | ---: | ---: | --- |
{rows}
"""


def measure(told: argparse.Namespace) -> str:
    """Move to one target after another."""
    moved: list[Moved] = []
    for target in told.to or TARGETS:
        moved.append(move(told, target))
        sys.stderr.write(f"{moved[-1]}\n")
    return page(told, moved)


BENCH = Bench("migrate", __doc__, {"size": 5000, "kills": 10, "seed": 6}, serve, measure)


def main() -> None:
    """Measure, print and write the part of the page."""
    parser = options(BENCH)
    parser.add_argument("--to", choices=[*TARGETS], action="append", help="only this target")
    conduct(BENCH, parser.parse_args())


if __name__ == "__main__":
    main()
