"""Measuring: the server as a process, a way as a process, and what the system says that it took."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

LONGEST = 1800.0  # seconds that a way may take
TAIL = 1500  # characters of its output that an error repeats
PER_MB = 2**20 if sys.platform == "darwin" else 2**10  # ru_maxrss is in bytes there, in KiB elsewhere
_open = build_opener(ProxyHandler({})).open


class Broken(RuntimeError):
    """A way failed; the text holds the end of what it said."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process took, its own children included: seconds, and MB (2**20 bytes) at the peak of one process."""

    wall: float
    cpu: float
    peak: float
    said: str


@dataclass(frozen=True, slots=True)
class Load:
    """What a server holds, and how it answers. ``page``: records a page; ``latency``: ms added to every answer."""

    tasks: int
    page: int
    latency: int = 0
    teams: int = 0
    departments: int = 0


class Server:
    """A running server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def calls(self) -> Mapping[str, int]:
        """The calls since the last time, by kind; counts anew."""
        with _open(f"{self.url}/_reset", timeout=60) as answer:
            told: dict[str, int] = json.load(answer)["by"]
            return told


@contextmanager
def process(module: str, *words: str, errors: bool = True) -> Iterator[str]:
    """A server of ours as a process of its own, which prints its address once it is ready: the address."""
    told = None if errors else subprocess.DEVNULL
    with subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", module, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told, text=True
    ) as running:
        try:
            assert running.stdout is not None
            url = running.stdout.readline().strip()
            if not url:
                raise Broken("the server did not start")
            yield url
        finally:
            running.terminate()


@contextmanager
def served(load: Load) -> Iterator[Server]:
    """A server of its own, ready to answer."""
    words = [f"--{name}={getattr(load, name)}" for name in ("tasks", "page", "latency", "teams", "departments")]
    with process("tests.bench.server", *words) as url:
        yield Server(url)


@contextmanager
def fresh_folder() -> Iterator[Path]:
    """A folder that goes when it is done with."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as place:
        yield Path(place)


def spent(command: Sequence[str], folder: Path, told: Mapping[str, str], fine: Sequence[int] = (0,)) -> Spent:
    """Run a command in a folder and say what it took. ``told``: variables of its environment; ``fine``: its exit codes.

    Raises ``Broken`` for any other exit code. The peak holds at least what this process has itself, since the system
    counts from the fork on: whoever measures stays small.
    """
    env = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", **told}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # or every way would compile its libraries anew in every round
    said = folder / "said.txt"
    with said.open("wb") as out:
        begun = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own modules and command
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
        )
        watch = threading.Timer(LONGEST, os.kill, (process.pid, 9))
        watch.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        watch.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    text = said.read_text(encoding="utf-8", errors="replace")
    if process.returncode not in fine:
        raise Broken(f"exit code {process.returncode}: {text[-TAIL:]}")
    return Spent(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / PER_MB, text)
