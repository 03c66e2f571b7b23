"""What every sandbox answers beside its vendor's own: the time, by its own clock, exactly once."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from pipelines.sandbox import BUSINESS_ID, CLIENT_ID
from sources.nexudus.sandbox import NexudusTwin
from sources.scalepad.sandbox import ScalePadTwin
from sources.twin import FaultyTwin, TwinReply, TwinRequest, TwinServer, TwinTransport
from sources.udesk.sandbox import UdeskTwin

NOW = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
DATE = "Sat, 03 Feb 2001 04:05:06 GMT"
TWINS: dict[str, Callable[[], FaultyTwin]] = {
    "udesk": lambda: UdeskTwin(now=lambda: NOW),
    "scalepad": lambda: ScalePadTwin(now=lambda: NOW, client_id=CLIENT_ID),
    "nexudus": lambda: NexudusTwin(now=lambda: NOW, business_id=BUSINESS_ID),
}


def dates(twin: FaultyTwin, *, served: bool) -> list[str]:
    """Every ``Date`` that the next answer of a sandbox carries."""
    if not served:
        with httpx.Client(transport=TwinTransport(twin), base_url="https://sandbox.invalid") as client:
            return client.get("/api/spaces/teams").headers.get_list("Date")
    with TwinServer({"here": twin}) as server:
        return httpx.get(f"{server.url}/here/api/spaces/teams", trust_env=False).headers.get_list("Date")


@pytest.mark.parametrize("served", [True, False], ids=["served", "in process"])
@pytest.mark.parametrize("vendor", TWINS)
def test_every_answer_tells_the_time_by_the_sandboxes_own_clock_and_once(vendor: str, served: bool) -> None:  # noqa: FBT001 - a parameter
    assert dates(TWINS[vendor](), served=served) == [DATE]


@pytest.mark.parametrize("served", [True, False], ids=["served", "in process"])
def test_a_planted_answer_tells_the_time_too_unless_it_tells_its_own(served: bool) -> None:  # noqa: FBT001 - a parameter
    twin = TWINS["nexudus"]()
    twin.faults.append(lambda _request, _execute: TwinReply(502, b"<html>"))
    twin.faults.append(lambda _request, _execute: TwinReply(200, b"", {"date": "yesterday"}))
    assert dates(twin, served=served) == [DATE]
    assert dates(twin, served=served) == ["yesterday"]


def test_a_server_without_such_a_sandbox_tells_the_time_by_the_machines_clock_and_once() -> None:
    with TwinServer({}) as server:
        for path in ("/nothing", "/_sandbox/requests"):
            assert len(httpx.get(f"{server.url}{path}", trust_env=False).headers.get_list("Date")) == 1


@pytest.mark.parametrize(
    ("fault", "told"), [(BrokenPipeError(), False), (ConnectionResetError(), False), (KeyError("x"), True)]
)
def test_a_server_tells_of_its_own_faults_and_not_of_clients_that_hang_up(
    fault: Exception,
    told: bool,  # noqa: FBT001 - a parameter
    capfd: pytest.CaptureFixture[str],
) -> None:
    def hang_up(_request: TwinRequest, _execute: object) -> TwinReply:
        raise fault

    twin = TWINS["udesk"]()
    twin.faults.append(hang_up)
    with TwinServer({"here": twin}) as server, pytest.raises(httpx.HTTPError):
        httpx.get(f"{server.url}/here/open_api_v1/departments", trust_env=False)
    assert ("Traceback" in capfd.readouterr().err) is told
