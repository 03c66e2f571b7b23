"""Rehearsal: a sealed plan applied to emulated vendors that hold what the accounts hold, before anything is sent.

It is the very apply, on copies of both stores in a folder that is thrown away: through the real adapters, with made-up
credentials, without a network, and on a clock that waits for nothing. What no document tells, it cannot know.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from rich.console import RenderableType
from rich.text import Text

from mappings.model import Entity
from mappings.plan import Plan
from pipelines import secrets, verbs
from pipelines.config import ConnectionConfig
from pipelines.errors import UsageError
from pipelines.explain import printable
from pipelines.planning import Planned
from pipelines.run import Run, new_id
from pipelines.writing import Ending, Result
from sources.clock import Hurried
from sources.http import Wire
from sources.registry import rehearsal_of
from sources.secret import Scrubber, Secret
from sources.twin import TwinTransport
from sources.vendor import Client, Connection, Resource
from state import golden
from state.safety import SafetyRecord
from state.working import FILE, Working

YEARS = timedelta(days=3650)
ASSUMED = (
    "Rehearsed against the emulated vendors, which behave as their documents say, and as orgweave assumes where these "
    "say nothing; no account was asked."
)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What an apply of the plan would come to: each change's ending, and what a fresh plan would still find."""

    results: tuple[Result, ...]
    left: tuple[str, ...]

    @property
    def wrong(self) -> list[Result]:
        """The changes that would not go well."""
        return [one for one in self.results if one.status != Ending.DONE or one.error]

    @property
    def good(self) -> bool:
        """Whether all would go well, and nothing be left to do."""
        return not self.wrong and not self.left

    def json(self) -> dict[str, Any]:
        """The outcome for a program."""
        return {
            "good": self.good,
            "assumed": ASSUMED,
            "summary": verbs.results_summary(self.results),
            "wrong": [
                {"change_id": one.change.id, "status": one.status, "error": one.error or "it was not done"}
                for one in self.wrong
            ],
            "left": list(self.left),
        }

    def lines(self) -> Iterator[RenderableType]:
        """The outcome for a person."""
        went = len(self.results) - len(self.wrong)
        end = (
            f"a fresh plan would still find {len(self.left)} of them"
            if self.left
            else "a fresh plan finds nothing left"
        )
        yield Text(
            f"Rehearsal: {went} of {len(self.results)} changes go well; {end}", style="green" if self.good else "red"
        )
        for one in self.wrong:
            yield Text(printable(f"  {one.change.id} {one.change.connection}: {one.status}: {one.error}"), style="red")
        for line in () if self.wrong else self.left:
            yield Text(printable(f"  {line}"), style="red")
        yield Text(ASSUMED, style="dim")


def rehearse(run: Run, planned: Planned) -> Rehearsal:
    """Apply a plan that was kept to emulated vendors. ``UsageError`` where what an account holds is not known here."""
    if not planned.plan.ready():
        return Rehearsal((), ())
    run.say("rehearsing the plan against the emulated vendors")
    secrets.set_up_dlt(run.config)
    with run.timed("rehearsal"), _stage(run, planned.plan) as stage:
        applied = verbs.do_apply(stage, planned.plan)
        run.stopped = run.stopped or stage.stopped
        return Rehearsal(applied.results, applied.left)


@contextmanager
def _stage(run: Run, plan: Plan) -> Iterator[Run]:
    """A run like this one on copies of its stores, whose targets are emulated."""
    for old in run.config.workspace.glob("rehearsal-*"):  # of a run that was cut off
        shutil.rmtree(old, ignore_errors=True)
    with TemporaryDirectory(prefix="rehearsal-", dir=run.config.workspace) as name:
        folder = Path(name)
        run.working.copy_to(folder / FILE)
        run.safety.copy_to(folder / "journal.sqlite")
        clock = Hurried(run.clock)
        config = replace(run.config, workspace=folder, publish=folder / "org.duckdb")
        kinds = {change.entity for change in plan.ready()}
        with (
            SafetyRecord.open(folder / "journal.sqlite", at=clock.now(), new_id=new_id) as safety,
            Working(folder / FILE) as working,
        ):
            stage = Run(
                config, new_id(), safety, working, clock, Scrubber(), lambda line: run.detail(f"rehearsal: {line}")
            )
            stage.patience = YEARS  # a day's budget that is used up costs nothing here
            stage.pretend({name: _client(run, stage, name, kinds) for name in verbs.targets(plan)})
            safety.begin_run(stage.run_id, "rehearsal", clock.now())
            try:
                yield stage
            finally:
                stage.close()


def _client(run: Run, stage: Run, name: str, kinds: set[Entity]) -> Client:
    """The real client of a connection, before an emulated vendor that holds what the account was seen to hold."""
    config = run.config.connections[name]
    keys = next(iter(config.vendor.alternatives(config.options)), ())
    made_up = {key: Secret(f"rehearsal-{key}@example.test") for key in keys}
    email, root = run.config.email, stage.config.workspace / f"account-{name}"
    account = Connection(name, config.vendor.name, config.base_url, config.options, made_up, email, root)
    holdings, rehearsal = _holdings(run, config, kinds), rehearsal_of(config.vendor.name)
    transport = None
    if config.vendor.address:
        twin = rehearsal.twin(account, holdings, stage.clock.now)
        transport = TwinTransport(twin, urlsplit(config.base_url).path)
    else:
        account = rehearsal.stand_in(account, holdings)
    wire = Wire(config.base_url, config.card.pace, transport=transport, clock=stage.clock, tally=stage.budget(name))
    return config.vendor.connect(account, wire, stage.scrubber)


def _holdings(run: Run, config: ConnectionConfig, kinds: set[Entity]) -> Mapping[str, Sequence[dict[str, Any]]]:
    """What an account was last seen to hold of these kinds, as its vendor tells it, and all people whom it knows."""
    found: dict[str, list[dict[str, Any]]] = {}
    for resource in config.vendor.resources:
        if resource.entity in kinds:
            if not run.working.raw.standing(config.name, resource.name):
                raise UsageError(f"{config.name}: what it holds is not known here. What to do: orgweave pull --full")
            found[resource.name] = [json.loads(one) for one in run.working.raw.every(config.name, resource.name)]
        elif resource.entity is Entity.PERSON:
            found[resource.name] = list(_people(run, config.name, resource).values())
    return found


def _people(run: Run, name: str, resource: Resource) -> dict[int, dict[str, Any]]:
    """All whom a list of people told, and all whom anything mentions, by their numbers."""
    listed = (json.loads(one) for one in run.working.raw.every(name, resource.name))
    found: dict[int, dict[str, Any]] = {one[resource.id_field]: one for one in listed}
    fields = {"full_name", "email"} & resource.fields.keys()
    for one in golden.shadows(run.working, Entity.PERSON, name, frozenset(fields)):
        number = one.ref.source_id.removeprefix(resource.prefix)
        if one.ref.source_id.startswith(resource.prefix) and number.isdecimal():
            told = {resource.fields[field]: one.values.get(field) for field in fields}
            found[int(number)] = {**found.get(int(number), {}), resource.id_field: int(number), **told}
    return found
