"""A Udesk client over its sandbox, the answers that tests plant, and requests signed without the client."""

import hashlib
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mappings.model import Entity
from sources.http import Wire
from sources.secret import Scrubber, Secret
from sources.twin import TwinReply, TwinRequest, TwinTransport
from sources.udesk.client import UdeskClient
from sources.udesk.sandbox import UdeskTwin
from sources.udesk.settings import DEPARTMENTS, VENDOR
from sources.vendor import Connection
from tests.clock import FakeClock

D = Entity.DEPARTMENT
EMAIL, TOKEN = "admin@example.test", "tok-000"
SECRETS = {"email": Secret(EMAIL), "open_api_token": Secret(TOKEN)}
NONCES = (f"n{number}" for number in itertools.count())
Requests = list[TwinRequest]


@dataclass
class Bench:
    """A client over its sandbox, both on one clock; ``asked`` holds every request as it arrived."""

    twin: UdeskTwin
    clock: FakeClock
    asked: Requests = field(default_factory=list)
    client: UdeskClient = field(init=False)

    def __post_init__(self) -> None:
        twin, asked = self.twin, self.asked

        class Tap:
            faults, log = twin.faults, twin.log

            def handle(self, request: TwinRequest) -> TwinReply:
                asked.append(request)
                return twin.handle(request)

        wire = Wire(
            "http://127.0.0.1:1",
            VENDOR.card({}).pace,
            transport=TwinTransport(Tap()),
            clock=self.clock,
            jitter=lambda: 1.0,
        )
        connection = Connection("udesk_cn", "udesk", "http://127.0.0.1:1", {}, SECRETS)
        client = VENDOR.connect(connection, wire, Scrubber(SECRETS.values()))
        assert isinstance(client, UdeskClient)
        self.client = client

    def answer_once(self, body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        self.twin.faults.append(lambda _request, _execute: TwinReply(status, content, headers or {}))

    def lose_answer(self, status: int, body: bytes) -> None:
        def fault(request: TwinRequest, execute: Any) -> TwinReply:
            execute(request)
            return TwinReply(status, body)

        self.twin.faults.append(fault)

    def records(self) -> dict[str, tuple[str, int]]:
        (page,) = self.client.walk(DEPARTMENTS)
        parsed = {row.source_id: json.loads(row.record) for row in page.rows}
        return {key: (record["name"], record["parent_id"]) for key, record in parsed.items()}


def bench(**switches: Any) -> Bench:
    clock = FakeClock()
    return Bench(UdeskTwin(now=clock.now, **switches), clock)


def refusal(code: object, specific: str = "", **more: object) -> dict[str, object]:
    return {"code": code, "message": "Unknown error", "exception": {"message": specific}, **more}


def signed(clock: FakeClock, **changes: Any) -> tuple[tuple[str, str], ...]:
    query: dict[str, str | None] = {
        "email": EMAIL,
        "timestamp": str(int(clock.now().timestamp())),
        "nonce": next(NONCES),
        "sign_version": "v2",
        **changes,
    }
    parts = (query["email"], TOKEN, query["timestamp"], query["nonce"], query["sign_version"])
    text = "&".join(part for part in parts if part)
    query.setdefault("sign", hashlib.sha256(text.encode()).hexdigest())
    return tuple((key, value) for key, value in query.items() if value is not None)


def ask(twin: UdeskTwin, clock: FakeClock, method: str, path: str = "", body: Any = None, **changes: Any) -> TwinReply:
    content = json.dumps(body).encode() if body is not None else b""
    return twin.handle(
        TwinRequest(method, "/open_api_v1/departments" + path, signed(clock, **changes), {}, content),
    )


def answered(twin: UdeskTwin, clock: FakeClock, method: str, path: str = "", body: Any = None, **changes: Any) -> Any:
    return json.loads(ask(twin, clock, method, path, body, **changes).body)


def said(answer: Any) -> str:
    return str(answer["exception"]["message"])
