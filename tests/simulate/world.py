"""One world: vendors, people, weather, and a process that dies and is started again; all of it from one number."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from mappings.naming import Naming
from pipelines.run import Run
from sources.errors import VendorError
from sources.secret import Scrubber, Secret
from sources.twin import TwinReply, TwinRequest
from sources.vendor import Connection
from state.opening import MIGRATIONS, _ready
from tests.simulate.clock import START, SimClock
from tests.simulate.deck import Deck
from tests.simulate.engine import Engine, Synced, lose, voices
from tests.simulate.faults import Kind, Weather
from tests.simulate.judge import Judge
from tests.simulate.line import Killed, Line, LineWire, Tapped
from tests.simulate.mind import Mind
from tests.simulate.towns import Town, configured
from tests.simulate.vendors import EMAIL, House, Truth, build

SETTLE = timedelta(seconds=120)
SECRETS = {
    "udesk": lambda name: {"email": EMAIL, "open_api_token": f"CANARY-{name}-7731"},
    "scalepad": lambda name: {"token": f"CANARY-{name}-7731"},
    "nexudus": lambda name: {"token": f"CANARY-{name}-7731"},
}


@dataclass
class World:
    """Everything there is. ``kill_at``: the number of the step at which the process dies; 0: it lives.

    ``between``: what people may do between any two steps. ``trace``: what happened, for whoever looks at one seed.
    """

    town: Town
    rng: Random
    folder: Path
    trace: list[str] = field(default_factory=list)
    verbose: bool = False
    steps: int = 0
    kills: int = 0
    kill_at: int = 0
    said: list[str] = field(default_factory=list)
    between: Callable[[], None] | None = None
    clock: SimClock = field(init=False)
    houses: dict[str, House] = field(init=False)
    lines: dict[str, Line] = field(init=False)
    judge: Judge = field(init=False)
    safety: Tapped = field(init=False)
    engine: Engine = field(init=False)
    deck: Deck = field(init=False)
    runs: int = 0
    dead: bool = False
    left: list[str] = field(default_factory=list)  # what waits for a person at the end
    weather_seen: dict[Kind, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = SimClock()
        vendors, scope = dict(self.town.vendors), self.town.scope
        self.houses = {name: build(vendor, name, self.clock, scope) for name, vendor in vendors.items()}
        for house in self.houses.values():
            store = getattr(house.twin, "_store", None)
            if store is not None:
                store._now = self.clock.now
        self.judge = Judge(self.town, self.houses, self.clock.now, self.tell)
        self.lines = {
            name: Line(name, vendor, self.houses[name], self.clock, self.rng, self.step, self, self.tell)
            for name, vendor in vendors.items()
        }
        self.config = replace(configured(self.town), settle=SETTLE)
        self.safety = self._open()
        mind = Mind(voices(self._run("nobody")), Naming(self.town.naming))
        self.deck = Deck(self.rng)
        self.engine = Engine(mind, self.judge.plans, self.judge.sealed, self.deck)

    def tell(self, text: str) -> None:
        """Note what happened, where somebody looks."""
        if self.verbose:
            self.trace.append(f"{self.clock.seconds:10.1f} {self.steps:5d} {text}")

    def step(self, label: str) -> None:
        """Something happens that could be the last thing. Raises ``Killed``."""
        self.steps += 1
        if self.verbose:
            self.tell(f"  {label}")
        if self.dead and not label.startswith("before "):
            raise Killed(label)
        if self.steps == self.kill_at and not self.dead:
            self.tell(f"  KILLED {label}")
            self.kills += 1
            raise Killed(label)
        if self.between is not None:
            self.between()

    def departs(self, name: str, request: TwinRequest) -> None:
        """A write leaves."""
        self.judge.departs(name, request, self.safety)

    def watch(self, name: str, request: TwinRequest, reply: TwinReply | None, *, late: bool = False) -> None:
        """A request is executed."""
        self.judge.watch(name, request, reply, late=late)

    def truth(self, name: str) -> Truth:
        """What a vendor holds."""
        return self.judge.truth(name)

    def shown(self, name: str, request: TwinRequest, truth: Truth) -> None:
        """An answer arrived."""
        self.judge.shown(name, request, truth)

    @contextmanager
    def weather(self, weather: Weather | None) -> Iterator[None]:
        """Let this weather be on all lines."""
        for line in self.lines.values():
            line.weather = weather
        try:
            yield
        finally:
            for line in self.lines.values():
                line.weather = None
            self.weather_seen = weather.count if weather else {}

    def sync(self, *, resume: bool = False) -> Synced | None:
        """One run; None where it died. The next one then starts from what is durable.

        ``resume``: it goes on with a plan that was cut off, where there is one.
        """
        self.runs += 1
        run = self._run(f"run-{self.runs}")
        self.tell(f"run {self.runs}")
        self.safety.step = self.step
        self.judge.run_began(self.clock.seconds)
        done: Synced | None = None
        try:
            run.safety.begin_run(run.run_id, "sync", self.clock.now())
            done = (self.engine.resume(run) if resume else None) or self.engine.sync(run)
            run.end()
        except Killed:
            self._bury()
        finally:
            self.safety.step = lambda _label: None
            self.judge.run_ended(self.safety, self.engine.mind, self.clock.seconds)
        if done is not None:
            self._tell_plan(done)
        return done

    def _bury(self) -> None:
        """The process is dead. What was under way may still arrive; then a new process opens the files."""
        self.dead = True
        self.deck.bury(self._last_words)
        self.dead = False
        self._reopen()

    def _last_words(self, call: Callable[[], object]) -> None:
        try:
            call()
        except (Killed, VendorError):
            return

    def _tell_plan(self, done: Synced) -> None:
        if self.verbose:
            for change in done.planned.plan.changes if done.planned else ():
                self.tell(
                    f"  planned {change.id} {change.status} {change.connection} {change.op} {change.rule} "
                    f"{change.source_id} {change.before} -> {change.after} ({change.reason})"
                )
            for one in done.applied.results if done.applied else ():
                self.tell(f"  result {one.change.id} {one.status} {one.source_id} {one.error or ''}")
            for dispute in self.engine.mind.disputes:
                self.tell(f"  dispute {dispute}")

    def lose_working(self) -> None:
        """The working file does not survive."""
        self.tell("  the working file is lost")
        lose(self.engine.mind)

    def _say(self, text: str) -> None:
        self.said.append(text)
        self.tell(f"  says: {text}")

    def _run(self, run_id: str) -> Run:
        scrubber = Scrubber()
        mind: Any = self.engine.mind if hasattr(self, "engine") else None  # in place of the working database
        run = Run(self.config, run_id, self.safety, mind, self.clock, scrubber, self._say)
        for name, one in self.config.connections.items():
            secrets = {key: Secret(value) for key, value in SECRETS[one.vendor.name](name).items()}
            scrubber.learn(*secrets.values())
            wire = LineWire.of(self.lines[name], one.card.pace, run.budget(name))
            account = Connection(name, one.vendor.name, one.base_url, one.options, secrets)
            run._clients[name] = one.vendor.connect(account, wire, scrubber)
        return run

    def _open(self) -> Tapped:
        path = self.folder / "journal.sqlite"
        shutil.copy(template(self.folder.parent), path)
        return Tapped(path, _ready(path, len(MIGRATIONS)))

    def _reopen(self) -> None:
        """What a new process finds: the file as it was last committed."""
        self.tell("  a new process opens the safety record")
        path = self.safety.path
        self.safety.close()
        self.safety = Tapped.open(path, at=self.clock.now(), new_id=lambda: "never")

    def close(self) -> None:
        """Give the files back, after a look for secrets in everything that was written."""
        self.judge.look_for_secrets([*self.said, json.dumps(self.judge.plans)], self.folder)
        self.safety.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def template(folder: Path) -> Path:
    """A safety record of nobody yet; made once, for making one takes longer than to live through half a world."""
    path = folder / "template.sqlite"
    if not path.exists():
        Tapped.open(path, at=START, new_id=lambda: "lineage").close()
    return path
