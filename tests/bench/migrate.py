"""``make bench-migrate``: a whole organisation moved from Udesk to each vendor, killed on the way again and again.

``python -m tests.bench.migrate``. One process serves the sandboxes; ``orgweave migrate --yes`` runs in processes of its
own, which are killed (SIGKILL) at random moments, and started again until nothing is left to do.
"""

import argparse
import json
import os
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
from tests.bench.docs import write
from tests.bench.measure import Broken, fresh_folder
from tests.bench.moving import CONFIG, FREE, SECRETS, counts, serve, served

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
    code = "from pipelines.cli import main; import sys; sys.argv[0] = 'orgweave'; main()"
    command = [sys.executable, "-c", code, "migrate", "--from", "udesk_cn", "--json", "--quiet", *words]
    environment = {**os.environ, **SECRETS, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen(  # noqa: S603 - our own module
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(process: "subprocess.Popen[str]") -> Any:
    """The JSON of a process that came to its end."""
    out, err = process.communicate()
    if process.returncode not in (0, 3):
        raise Broken(f"orgweave migrate: exit {process.returncode}: {err[-1500:]}")
    return json.loads(out)


def killed(process: "subprocess.Popen[str]", url: str, target: str, at: int) -> bool:
    """Kill a move once so many writes arrived; whether it was still at work."""
    nap = threading.Event()
    while process.poll() is None:
        if counts(url, target)["writes"] >= at:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            return True
        nap.wait(0.05)
    process.communicate()
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
            left = bool(ended(start(folder, *words))["exit_code"])
        calls = counts(url, target)["calls"]
        check = ended(start(folder, "--to", target, "--check"))["parity"]
        before = counts(url, target)
        ended(start(folder, *words))
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


def main(words: Sequence[str] | None = None) -> None:
    """Measure, print and write the part of the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.migrate", description=__doc__)
    for name, default in (("size", 5000), ("kills", 10), ("seed", 6)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--to", choices=[*TARGETS], action="append", help="only this target")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--dry", action="store_true", help="leave docs/performance.md as it is")
    told = parser.parse_args(words)
    if told.serve:
        serve(told)
        return
    moved: list[Moved] = []
    for target in told.to or TARGETS:
        moved.append(move(told, target))
        sys.stderr.write(f"{moved[-1]}\n")
    text = page(told, moved)
    sys.stdout.write(text)
    if not told.dry:
        sys.stderr.write(write("bench-migrate", text) + "\n")


if __name__ == "__main__":
    main()
