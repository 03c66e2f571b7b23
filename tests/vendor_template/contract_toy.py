"""Toy's client over its sandbox, by the laws that every vendor's client obeys, and one whole sync of two accounts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mappings.model import Entity, Value
from sources.http import Wire
from sources.registry import vendor_names
from sources.secret import Scrubber, Secret
from sources.twin import TwinReply, TwinServer, TwinTransport
from sources.vendor import Connection
from tests.clock import FakeClock
from tests.contract import ContractSuite, Ground
from tests.pipelines.rig import run
from tests.vendor_template.orgweave_toy.sandbox import ToyTwin
from tests.vendor_template.orgweave_toy.settings import VENDOR

BASE = "http://127.0.0.1:1"


class TestToy(ContractSuite):
    @pytest.fixture
    def entity(self) -> Entity:
        return Entity.DEPARTMENT

    def make(self, **switches: Any) -> Ground:
        clock = FakeClock()
        twin = ToyTwin(now=clock.now, **switches)
        wire = Wire(BASE, VENDOR.card({}).pace, transport=TwinTransport(twin), clock=clock, jitter=lambda: 1.0)
        secrets = {"token": Secret("tok-000")}
        connection = Connection("toy", "toy", BASE, {}, secrets)

        def seed(_entity: Entity, count: int) -> list[str]:
            return [twin.add_department(f"Department {number}", f"About {number}") for number in range(count)]

        def held(_entity: Entity) -> Mapping[str, Mapping[str, Any]]:
            return twin.departments

        def fresh(_entity: Entity, name: str) -> dict[str, Value]:
            return {"name": name, "description": "About it"}

        def rename(_entity: Entity, key: str, name: str) -> None:
            twin.departments[key]["name"] = name

        return Ground(
            vendor=VENDOR,
            client=VENDOR.connect(connection, wire, Scrubber(secrets.values())),
            twin=twin,
            clock=clock,
            seed=seed,
            held=held,
            fresh=fresh,
            rename=rename,
            volatile=frozenset(),  # fields that Toy changes by itself with every write: times, counters
            secrets=("tok-000",),
            throttled=TwinReply(429, b"", {"Retry-After": "2"}),
            unknown_id="404",
            emptied=True,  # Toy's answer to a delete is an empty 204
        )


CONFIG = """
[connections.ours]
vendor = "toy"
base_url = "{url}/ours"
[connections.theirs]
vendor = "toy"
base_url = "{url}/theirs"
[departments]
authority = ["ours"]
write_to = ["theirs"]
"""


def test_orgweave_keeps_two_accounts_in_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "toy" in vendor_names(), "the package is not installed: README.md, Install"
    monkeypatch.setenv("CONNECTIONS__OURS__TOKEN", "tok-000")
    monkeypatch.setenv("CONNECTIONS__THEIRS__TOKEN", "tok-000")
    ours, theirs = ToyTwin(), ToyTwin()
    ours.add_department("Support", "Answers")
    config = tmp_path / "orgweave.toml"
    with TwinServer({"ours": ours, "theirs": theirs}) as server:
        config.write_text(CONFIG.format(url=server.url))
        told = run("sync", "--rehearse", "--yes", "--json", config=config)
    assert (told.code, told.json()["rehearsal"]["good"]) == (0, True)
    assert [(one["name"], one["about"]) for one in theirs.departments.values()] == [("Support", "Answers")]
