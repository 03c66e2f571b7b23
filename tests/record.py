"""Cassettes: recorded anew by ``python -m tests.record``, from the sandboxes over loopback, never from a vendor.

Every request is stored with an obviously fake origin and without credentials, and is redacted in the same way when it
is replayed: signature, time and nonce count by their presence alone. The tree is replaced in whole, and only when every
scenario saw what it declares and no credential is left in it.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from vcr import VCR  # type: ignore[import-untyped]  # vcrpy ships no types
from vcr.cassette import Cassette  # type: ignore[import-untyped]  # likewise
from vcr.request import Request  # type: ignore[import-untyped]  # likewise
from vcr.serializers import yamlserializer  # type: ignore[import-untyped]  # likewise

from sources.twin import Twin, TwinServer
from tests.clock import FakeClock
from tests.leaks import leaks_in
from tests.scenarios import SCENARIOS
from tests.scenarios.stage import Scenario, Stage, open_client

CASSETTES = Path(__file__).parent / "cassettes"
HEADER = "# Recorded against orgweave's own sandbox over loopback, not against the vendor, by `make record`.\n"
ORIGIN = "https://{}.sandbox.invalid"
KEPT_REQUEST_HEADERS = ("authorization", "content-type")
KEPT_RESPONSE_HEADERS = ("content-type", "date", "retry-after")  # the sandbox's own time, the same in every recording
HIDDEN = frozenset(
    {"email", "sign", "timestamp", "nonce", "username", "password", "token", "access_token", "refresh_token"}
)
TOKENS = re.compile(rb'"(access_token|refresh_token|open_api_auth_token|open_api_token)"(\s*:\s*)"(?:[^"\\]|\\.)*"')
MATCHED = ("method", "scheme", "host", "port", "path", "query", "body", "in_turn")


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a scenario: what it saw, how many requests its wire counted, and the cassette."""

    seen: object
    calls: int
    cassette: Cassette


def main() -> None:
    """Record everything anew."""
    with tempfile.TemporaryDirectory(dir=CASSETTES.parent) as made:
        record_all(Path(made) / "cassettes")
        shutil.rmtree(CASSETTES, ignore_errors=True)
        (Path(made) / "cassettes").rename(CASSETTES)
    sys.stdout.write(f"{len(SCENARIOS)} cassettes recorded\n")


def record_all(folder: Path) -> None:
    """Record every scenario into a folder. Raises ``ValueError`` for one that saw other than it declares, or a leak."""
    mounts: dict[str, Twin] = {}
    with TwinServer(mounts) as server:
        for scenario in SCENARIOS:
            record(scenario, folder, server, mounts)


def record(scenario: Scenario, folder: Path, server: TwinServer, mounts: dict[str, Twin]) -> None:
    """Record one scenario against its sandbox."""
    clock = FakeClock()
    twin = scenario.twin(clock)
    mounts[scenario.vendor] = twin
    path = folder / f"{scenario.id}.yaml"
    with tape(scenario, path, "once") as cassette:
        client = open_client(scenario, f"{server.url}/{scenario.vendor}", clock)
        try:
            seen = scenario.play(Stage(client, clock, twin))
        finally:
            client.wire.close()
    if (seen, client.wire.calls, len(cassette)) != (scenario.seen, scenario.calls, scenario.calls):
        raise ValueError(f"{scenario.id} saw, in {client.wire.calls} calls: {seen}\n  and not: {scenario.seen}")
    if found := leaks_in(path.read_text(encoding="ascii")):
        path.unlink()
        raise ValueError(f"{scenario.id} would hold what looks like a credential: {found}")


def replay(scenario: Scenario, folder: Path = CASSETTES) -> Played:
    """Play a scenario from its cassette alone. Raises vcrpy's errors for a request that is not the recorded one."""
    with tape(scenario, folder / f"{scenario.id}.yaml", "none") as cassette:
        clock = FakeClock()
        client = open_client(scenario, ORIGIN.format(scenario.vendor), clock)
        try:
            seen = scenario.play(Stage(client, clock))
        finally:
            client.wire.close()
    return Played(seen, client.wire.calls, cassette)


@contextmanager
def tape(scenario: Scenario, path: Path, mode: str) -> Iterator[Cassette]:
    """A cassette in which every interaction is played once and in the recorded order."""
    tapes: list[Cassette] = []

    def in_turn(_request: Request, stored: Request) -> bool:
        """Whether a stored request is the next one."""
        turn = tapes[0].play_count
        return turn < len(tapes[0]) and tapes[0].requests[turn] is stored

    recorder = VCR(before_record_request=redact_request, before_record_response=redact_response, record_mode=mode)
    recorder.register_matcher("in_turn", in_turn)
    recorder.register_serializer("told", _Told(scenario.says))
    with recorder.use_cassette(str(path), serializer="told", match_on=MATCHED, record_on_exception=False) as cassette:
        tapes.append(cassette)
        yield cassette


@dataclass(frozen=True, slots=True)
class _Told:
    """vcrpy's own YAML below a comment that says where it comes from."""

    says: str

    def serialize(self, found: dict[str, Any]) -> str:
        return f"{HEADER}# {self.says}\n{yamlserializer.serialize(found)}"

    def deserialize(self, text: str) -> Any:
        return yamlserializer.deserialize(text)


def redact_request(request: Request) -> Request:
    """The request without its credentials, at the fake origin; redacted again, it stays as it is."""
    parts = urlsplit(request.uri)
    path, origin = parts.path, f"{parts.scheme}://{parts.netloc}"
    if parts.hostname == "127.0.0.1":
        _, vendor, path = path.split("/", 2)
        path, origin = f"/{path}", ORIGIN.format(vendor)
    query = f"?{_hidden(parts.query)}" if parts.query else ""
    headers = {key.lower(): value for key, value in request.headers.items() if key.lower() in KEPT_REQUEST_HEADERS}
    if "authorization" in headers:
        headers["authorization"] = f"{headers['authorization'].partition(' ')[0]} <token>"
    body = request.body
    if body and headers.get("content-type") == "application/x-www-form-urlencoded":
        body = _hidden(body.decode()).encode()
    return Request(request.method, origin + path + query, body, headers)


def redact_response(response: dict[str, Any]) -> dict[str, Any]:
    """The answer without tokens, and without the headers that tell of the server."""
    kept = {key.lower(): value for key, value in response["headers"].items() if key.lower() in KEPT_RESPONSE_HEADERS}
    body = TOKENS.sub(rb'"\1"\2"<\1>"', response["body"]["string"])
    return {**response, "headers": kept, "body": {"string": body}}


def _hidden(fields: str) -> str:
    """URL-encoded fields with the secret ones replaced by their names."""
    pairs = parse_qsl(fields, keep_blank_values=True)
    return urlencode([(key, f"<{key}>" if key in HIDDEN else value) for key, value in pairs], safe="<>")


if __name__ == "__main__":
    main()
