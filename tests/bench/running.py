"""What benchmarks of whole commands share: their command line, and ``orgweave`` in a process of its own."""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.docs import write
from tests.bench.measure import TAIL, Broken


@dataclass(frozen=True, slots=True)
class Bench:
    """A benchmark that serves its own sandboxes. ``name``: that of its module; ``sizes``: options and their defaults.

    ``serve`` serves until standard input ends; ``measure`` gives the part of docs/performance.md.
    """

    name: str
    about: str | None
    sizes: Mapping[str, int]
    serve: Callable[[argparse.Namespace], None]
    measure: Callable[[argparse.Namespace], str]


def options(bench: Bench) -> argparse.ArgumentParser:
    """The command line of a benchmark."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.bench.{bench.name}", description=bench.about)
    for name, default in bench.sizes.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--dry", action="store_true", help="leave docs/performance.md as it is")
    return parser


def conduct(bench: Bench, told: argparse.Namespace) -> None:
    """Serve, or measure, print and write the part of the page."""
    if told.serve:
        bench.serve(told)
        return
    text = bench.measure(told)
    sys.stdout.write(text)
    if not told.dry:
        sys.stderr.write(write(f"bench-{bench.name}", text) + "\n")


def orgweave(folder: Path, secrets: Mapping[str, str], *words: str) -> "subprocess.Popen[str]":
    """A command of ``orgweave`` in a folder, begun."""
    code = "from pipelines.cli import main; import sys; sys.argv[0] = 'orgweave'; main()"
    environment = {**os.environ, **secrets, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-c", code, *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: "subprocess.Popen[str]", fine: Collection[int] = (0,)) -> str:
    """What a command that came to its end put on standard output. Raises ``Broken`` for any other exit code."""
    out, err = process.communicate()
    if process.returncode not in fine:
        raise Broken(f"orgweave: exit {process.returncode}: {err[-TAIL:]}")
    return out
