"""The command line over real HTTP against its own sandboxes, with a workspace, a clock and faults that tests own."""

import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import typer.testing
from typer.main import get_command
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.sandbox import BUSINESS_ID, CLIENT_ID, Sandboxes, make
from sources.nexudus.sandbox import NexudusTwin
from sources.twin import Fault, FaultyTwin, TwinReply, TwinRequest, TwinServer
from sources.udesk.sandbox import UdeskTwin
from state.published import ask

Execute = Callable[[TwinRequest], TwinReply]

RUNNER = CliRunner()
typer.testing._get_command = cache(get_command)  # type: ignore[attr-defined] # built anew for every run it takes 50 ms

DEPARTMENTS = """
[departments]
authority = ["udesk_cn"]
write_to  = ["amm", "hq"]
"""
TEAMS_AND_TASKS = """
[teams]
authority = ["hq"]

[tasks]
authority = ["hq"]
"""
LIMITS = "[limits]\ncreates = 1000\n"
RULES = DEPARTMENTS + TEAMS_AND_TASKS + LIMITS


class Watch:
    """A clock that ticks one millisecond a look, so that moments differ, and never waits."""

    def __init__(self) -> None:
        self._now = datetime(2026, 3, 1, 8, tzinfo=UTC)
        self._ahead: timedelta | None = None
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The present moment."""
        self.sleep(0.001)
        return self._now if self._ahead is None else datetime.now(UTC) + self._ahead

    def follow_the_machine(self) -> None:
        """Go with the machine's own time from now on, for a process that lives by that."""
        self._ahead = timedelta()

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment."""
        return self.now().timestamp()

    def sleep(self, seconds: float) -> None:
        """Move on."""
        with self._lock:
            self._now += timedelta(seconds=seconds)
            if self._ahead is not None:
                self._ahead += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Ran:
    """What a command did: its exit code and its two streams."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err

    def json(self) -> Any:
        """The one JSON object on standard output; a second one, or anything else there, fails."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


@dataclass
class Office:
    """A folder with an ``orgweave.toml`` for three served, empty sandboxes. Commands run in this process."""

    folder: Path
    clock: Watch = field(default_factory=Watch)
    vendors: Sandboxes = field(default_factory=lambda: make(empty=True))
    server: TwinServer = field(default_factory=lambda: TwinServer({}))  # it serves this office's vendors from now on

    def __post_init__(self) -> None:
        for twin in (self.vendors.udesk, self.vendors.scalepad, self.vendors.nexudus):
            twin._now = self.clock.now
        self.vendors.nexudus._store._now = self.clock.now
        self.twins: dict[str, FaultyTwin] = {
            "udesk": self.vendors.udesk,
            "scalepad": self.vendors.scalepad,
            "nexudus": self.vendors.nexudus,
        }
        self.server._twins = self.twins
        self.configure()

    @property
    def config(self) -> Path:
        return self.folder / "orgweave.toml"

    @property
    def workspace(self) -> Path:
        return self.folder / ".orgweave"

    @property
    def published(self) -> Path:
        return self.folder / "org.duckdb"

    def configure(
        self, rules: str = RULES, *, url: str | None = None, connections: Mapping[str, str] | None = None
    ) -> None:
        """Write the configuration: the three accounts (with more lines where named), further ones, then the rules."""
        here = url or self.server.url
        accounts = {
            "udesk_cn": f'vendor = "udesk"\nbase_url = "{here}/udesk"\nname_scope = "parent"\n',
            "amm": f'vendor = "scalepad"\nbase_url = "{here}/scalepad/v2"\nclient_id = "{CLIENT_ID}"\n',
            "hq": f'vendor = "nexudus"\nbase_url = "{here}/nexudus"\nbusiness_id = {BUSINESS_ID}\n',
        }
        for name, lines in (connections or {}).items():
            accounts[name] = accounts.get(name, "") + lines
        tables = [f"[connections.{name}]\n{lines}" for name, lines in accounts.items()]
        self.config.write_text("\n".join([*tables, rules]), encoding="utf-8")

    def reconfigure(self, old: str, new: str) -> None:
        """Replace a text that must be there in the configuration."""
        text = self.config.read_text(encoding="utf-8")
        assert old in text
        self.config.write_text(text.replace(old, new), encoding="utf-8")

    def run(self, *words: str) -> Ran:
        """Run a command of the command line with this configuration."""
        return run(*words, config=self.config)

    def sync(self) -> Any:
        """``sync --yes --json``, which must end well."""
        ran = self.run("sync", "--yes", "--json")
        assert ran.code == 0, ran.text
        return ran.json()

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """What the published file answers."""
        return ask(self.published, sql)[1]

    def tree(self, *paths: Sequence[str]) -> dict[Sequence[str], int]:
        """Put departments into Udesk, each by its path, parents first; returns their ids."""
        ids: dict[Sequence[str], int] = {}
        for path in paths:
            ids[path] = self.vendors.udesk.add_department(path[-1], ids.get(path[:-1], 0))
        return ids

    def add_udesk(self, rules: str) -> UdeskTwin:
        """Serve another Udesk tenant, and configure it as the connection ``second`` beside the first, with rules."""
        twin = UdeskTwin(email="two@example.test", token="tok-two", now=self.clock.now, name_scope="parent")
        self.twins["second"] = twin
        os.environ["CONNECTIONS__SECOND__EMAIL"] = "two@example.test"
        os.environ["CONNECTIONS__SECOND__OPEN_API_TOKEN"] = "tok-two"
        lines = f'vendor = "udesk"\nbase_url = "{self.server.url}/second"\nname_scope = "parent"\n'
        self.configure(rules, connections={"second": lines})
        return twin

    def add_nexudus(self, rules: str) -> NexudusTwin:
        """Serve another Nexudus account, and configure it as the connection ``annex`` beside the others, with rules."""
        twin = NexudusTwin(business_id=456, token="tok-annex", now=self.clock.now)
        self.twins["annex"] = twin
        os.environ["CONNECTIONS__ANNEX__TOKEN"] = "tok-annex"
        lines = f'vendor = "nexudus"\nbase_url = "{self.server.url}/annex"\nbusiness_id = 456\n'
        self.configure(rules, connections={"annex": lines})
        return twin

    def writes(self) -> dict[str, list[str]]:
        """The methods of the writes so far, by vendor."""
        return {name: [method for method, _, _ in twin.writes()] for name, twin in self.twins.items()}

    def asked(self) -> int:
        """How many requests arrived so far."""
        return len(self.server.requests())

    def at_amm(self) -> list[str]:
        """The names of ScalePad's departments."""
        return sorted(name for name, _ in self.vendors.scalepad.departments.values())

    def at_hq(self) -> list[str]:
        """The names of Nexudus's departments."""
        nexudus = self.vendors.nexudus
        return sorted(nexudus.record("department", number)["Name"] for number in nexudus.ids("department"))


def run(*words: str, config: Path | None = None) -> Ran:
    """Run a command in this process; a traceback or an unexpected fault is a failure of the test itself."""
    os.environ.pop("ORGWEAVE_CONFIG", None)
    if config is not None:
        os.environ["ORGWEAVE_CONFIG"] = str(config)
    result = RUNNER.invoke(app, list(words))
    assert "Traceback" not in result.output
    return Ran(result.exit_code, result.stdout, result.stderr)


def always(twin: FaultyTwin, fault: Fault) -> None:
    """Plant a fault that stays (``twin.faults.clear()`` takes it out)."""

    def staying(request: TwinRequest, execute: Execute) -> TwinReply | None:
        twin.faults.append(staying)
        return fault(request, execute)

    twin.faults.append(staying)


def once(twin: FaultyTwin, method: str, fault: Fault, *, path: str = "") -> None:
    """Plant a fault for the next request of this method and path that no earlier planted one takes."""

    def waiting(request: TwinRequest, execute: Execute) -> TwinReply | None:
        if request.method == method and path in request.path:
            return fault(request, execute)
        twin.faults.append(waiting)
        return None

    twin.faults.append(waiting)


def failing(status: int, body: bytes = b"broken") -> Fault:
    """An answer instead of the real one; nothing takes effect."""
    return lambda _request, _execute: TwinReply(status, body)


def lost(status: int = 500, body: bytes = b"broken") -> Fault:
    """The request takes effect, and its answer is lost."""

    def fault(request: TwinRequest, execute: Execute) -> TwinReply:
        execute(request)
        return TwinReply(status, body)

    return fault
