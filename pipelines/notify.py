"""``[notify]``: somebody is told once when what a command ends with becomes another thing: broken, for a person, well.

What each way last told stands in the workspace, in ``notified.json``; a way that fails is tried again by the next run.
"""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from mappings.plan import jsonable
from pipelines import secrets
from pipelines.config import Config
from pipelines.errors import Exit
from pipelines.operating import BEARER, IN_SECRETS
from pipelines.screen import Screen
from sources.secret import Secret
from state.swapping import swap_in

FILE = "notified.json"
SECRETS = ("CONNECTIONS__", "DESTINATION__")  # how the variables of accounts and warehouses begin


class State(StrEnum):
    """What a command's ending means to the one who is told. ``WELL`` is told as recovered."""

    WELL = "recovered"
    PERSON = "needs a person"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a command ended, and why, in counts and reasons alone. ``run_id`` is None where no run began."""

    command: str
    run_id: str | None
    code: int
    at: datetime
    reasons: Sequence[str]
    counts: Mapping[str, Any]


def state_of(code: int) -> State:
    """What an exit code means."""
    if code in (Exit.DONE, Exit.CHANGES):
        return State.WELL
    return State.PERSON if code == Exit.PERSON else State.BROKEN


def tell(config: Config, ending: Ending, screen: Screen) -> None:
    """Tell each way that is configured, where it was last told something else; what fails is a warning."""
    if not config.operating.notify.wants(ending.command):
        return
    place = config.workspace / FILE
    known, now = _known(place), state_of(ending.code)
    for way, send in _ways(config, screen).items():
        last = known.get(ending.command, {}).get(way, State.WELL)
        if last == now:
            continue
        body = screen.scrubber.clean(json.dumps(_document(config, ending, now, last), ensure_ascii=False))
        try:
            send(body.encode())
        except Exception as fault:  # whatever it is, the run is not failed by it, and the other way is still tried
            screen.warn(f"notify.{way}: {next(iter(str(fault).splitlines()), type(fault).__name__)}")
            continue
        screen.detail(f"notify.{way}: {now} was told")
        known.setdefault(ending.command, {})[way] = str(now)
        swap_in(place, json.dumps(known) + "\n", mode=0o600)


def _ways(config: Config, screen: Screen) -> dict[str, Callable[[bytes], None]]:
    wanted = config.operating.notify
    ways: dict[str, Callable[[bytes], None]] = {}
    if wanted.command:
        ways["command"] = lambda body: _run(wanted.command, body, config.path.parent, wanted.patience.total_seconds())
    if wanted.webhook:
        ways["webhook"] = lambda body: _post(config, screen, body)
    return ways


def _known(place: Path) -> dict[str, dict[str, str]]:
    """What was told last, by command and way; nothing where the file was lost or damaged."""
    with suppress(OSError, ValueError):
        found = json.loads(place.read_text(encoding="utf-8"))
        if isinstance(found, dict) and all(isinstance(one, dict) for one in found.values()):
            return found
    return {}


def _document(config: Config, ending: Ending, now: State, last: str) -> dict[str, Any]:
    why = f": {'; '.join(ending.reasons)}" if ending.reasons else ""
    return {
        "text": f"orgweave {ending.command} ({config.path.parent.name}): {now}{why}",
        "state": str(now),
        "was": "well" if last == State.WELL else str(last),
        "command": ending.command,
        "exit_code": ending.code,
        "run_id": ending.run_id,
        "at": jsonable(ending.at),
        "config": str(config.path),
        "reasons": list(ending.reasons),
        "counts": dict(ending.counts),
    }


def _run(argv: Sequence[str], body: bytes, folder: Path, seconds: float) -> None:
    """Run a program, the document on its standard input; it is killed, with what it started, when its time is over.

    It inherits no secret of an account. Its output goes nowhere, its last line of complaint into the error.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith(SECRETS)}
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(body)
        given.seek(0)
        with subprocess.Popen(  # noqa: S603 - the operator's own program, and no shell
            list(argv),
            stdin=given,
            stdout=subprocess.DEVNULL,
            stderr=said,
            cwd=folder,
            env=env,
            start_new_session=True,
        ) as process:
            try:
                code = process.wait(seconds)
            except BaseException as fault:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                if isinstance(fault, subprocess.TimeoutExpired):
                    raise TimeoutError(f"{argv[0]} took more than {seconds:.0f} s, and was ended") from None
                raise
        said.seek(0)
        last = said.read(100_000).decode(errors="replace").strip().rpartition("\n")[2]
    if code:
        raise ChildProcessError(f"{argv[0]} ended with {code}" + (f": {last}" if last else ""))


def _post(config: Config, screen: Screen, body: bytes) -> None:
    from sources.webhook import post

    wanted = config.operating.notify
    inside = wanted.webhook == IN_SECRETS
    address = secrets.one(config, "notify.webhook") if inside else Secret(str(wanted.webhook))
    if address is None:
        raise LookupError(
            "its address is missing. What to do: set NOTIFY__WEBHOOK, or webhook under [notify] in secrets"
        )
    bearer = secrets.one(config, f"notify.{BEARER}")
    screen.scrubber.learn(*([address] if inside else []), *([bearer] if bearer else []))
    header = (wanted.header, bearer) if bearer else None
    post(address, body, seconds=wanted.patience.total_seconds(), header=header)
