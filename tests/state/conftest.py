from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mappings.model import Dispute, Entity, Link, Method, Ref
from state import golden
from state.safety import Outcome, SafetyRecord
from tests.mappings.landed import AMM, HOUR, HQ, UDESK, Ground, amm, udesk
from tests.state.samples import HOSTILE, INTENT, LATER, NOON, RECEIPT, change, opened

DEPARTMENT = Entity.DEPARTMENT


@pytest.fixture
def record(tmp_path: Path) -> Iterator[SafetyRecord]:
    """A fresh record with run r1 begun and plan p1 kept."""
    with recorded(tmp_path) as record:
        yield record


@contextmanager
def recorded(folder: Path) -> Iterator[SafetyRecord]:
    """A record in a folder with run r1 begun and plan p1 kept."""
    with opened(folder) as record:
        record.begin_run("r1", "apply", NOON)
        record.add_plan("p1", "sha256:1", "r1", NOON, [change("c1")])
        yield record


@pytest.fixture
def ground(record: SafetyRecord) -> Iterator[Ground]:
    """A small company, two of whose departments changed within an hour, and what the safety record knows of it."""
    with company(record) as ground:
        yield ground


@contextmanager
def company(record: SafetyRecord) -> Iterator[Ground]:
    """The small company, for any scope."""
    with Ground() as ground:
        ground.vote(UDESK)
        ground.pull(UDESK, departments=udesk(("1", "Europe", None), ("2", HOSTILE, "1")))
        ground.pull(AMM, departments=amm(("7", "Europe", "客服 🧡")))
        ground.pull(
            HQ, teams={"1": {"Name": "T", "TeamMembers": [7], "TeamAdministrators": [7]}}, tasks={"9": {"Name": "Call"}}
        )
        ground.link(UDESK, eu="1", d2="2")
        ground.link(AMM, eu="7")
        ground.link(HQ, Entity.TEAM, team="1")
        ground.link(HQ, Entity.TASK, task="9")
        ground.link(HQ, Entity.PERSON, ann="coworker:7")
        ground.settle()
        ground.pull(UDESK, departments=udesk(("1", "EU", None), ("2", HOSTILE, "1")))
        ground.settle("r2", NOON + HOUR)
        golden.set_disputes(ground.working, [Dispute(Ref(AMM, DEPARTMENT, "8"), ("eu", "d2"), "which?")])
        record.add_links([Link(ref, key, Method.EXACT) for ref, key in ground.links.items()], "r1", NOON)
        record.add_receipts([RECEIPT])
        record.end(record.begin(INTENT), Outcome.FAILED, LATER, error="refused")
        record.end_run("r1", 3, LATER, {"calls": {"amm": 2}})
        yield ground
