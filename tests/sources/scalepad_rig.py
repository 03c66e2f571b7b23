"""A ScalePad client over its sandbox, and the answers that tests plant."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mappings.model import Entity
from sources.http import Wire
from sources.reading import Read, Slip, read
from sources.scalepad.client import ScalePadClient
from sources.scalepad.sandbox import CLIENT_ID, ScalePadTwin
from sources.scalepad.settings import DEPARTMENTS, VENDOR
from sources.secret import Scrubber, Secret
from sources.twin import Ticker, TwinReply, TwinRequest, TwinTransport
from sources.vendor import Connection
from tests.clock import FakeClock

D = Entity.DEPARTMENT
BASE = "http://127.0.0.1:1/v2"
PATH = f"/v2/clients/{CLIENT_ID}/departments"


@dataclass
class Bench:
    """A client over its sandbox; ``asked`` holds every request as it arrived."""

    twin: ScalePadTwin
    clock: FakeClock
    asked: list[TwinRequest] = field(default_factory=list)
    client: ScalePadClient = field(init=False)

    def __post_init__(self) -> None:
        twin, asked = self.twin, self.asked

        class Tap:
            faults, log = twin.faults, twin.log

            def handle(self, request: TwinRequest) -> TwinReply:
                asked.append(request)
                return twin.handle(request)

        wire = Wire(BASE, VENDOR.card({}).pace, transport=TwinTransport(Tap()), clock=self.clock, jitter=lambda: 1.0)
        secrets = {"token": Secret("tok-000")}
        connection = Connection("amm", "scalepad", BASE, {"client_id": CLIENT_ID}, secrets)
        client = VENDOR.connect(connection, wire, Scrubber(secrets.values()))
        assert isinstance(client, ScalePadClient)
        self.client = client

    def answer_once(self, body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        self.twin.faults.append(lambda _request, _execute: TwinReply(status, content, headers or {}))

    def lose_answer(self, status: int, body: bytes) -> None:
        def fault(request: TwinRequest, execute: Any) -> TwinReply:
            execute(request)
            return TwinReply(status, body)

        self.twin.faults.append(fault)

    def read(self) -> Read:
        return read(self.client, DEPARTMENTS, Slip("r", "x", "amm"))


def bench(**switches: Any) -> Bench:
    clock = FakeClock()
    return Bench(ScalePadTwin(**{"now": Ticker(clock.now()), **switches}), clock)


def refusal(code: str, message: str = "no", **details: object) -> dict[str, object]:
    return {"error": {"code": code, "message": message, "details": details}}
