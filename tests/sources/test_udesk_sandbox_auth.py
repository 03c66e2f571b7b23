import json
from typing import Any

import pytest

from sources.twin import TwinRequest
from sources.udesk.sandbox import UdeskTwin
from tests.clock import FakeClock
from tests.sources.udesk_rig import EMAIL, TOKEN, answered, ask


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def twin(clock: FakeClock) -> UdeskTwin:
    return UdeskTwin(now=clock.now)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"timestamp": None}, 20621),
        ({"timestamp": "1772352000000"}, 20621),
        ({"timestamp": "1772352301"}, 20622),
        ({"timestamp": "1772351699"}, 20622),
        ({"nonce": None}, 20624),
        ({"sign": "0" * 64}, 2059),
        ({"sign": None}, 2059),
        ({"sign_version": None}, 2059),
        ({"email": "somebody@example.test"}, 2015),
    ],
)
def test_each_fault_of_a_signature_has_its_own_code(
    twin: UdeskTwin, clock: FakeClock, changes: dict[str, Any], code: int
) -> None:
    assert int(clock.now().timestamp()) == 1772352000
    reply = ask(twin, clock, "GET", **changes)
    assert (reply.status, json.loads(reply.body)["code"]) == (200, code)


def test_the_first_fault_in_the_order_of_checks_wins(twin: UdeskTwin, clock: FakeClock) -> None:
    everything_wrong: dict[str, Any] = {"timestamp": "1", "nonce": None, "sign": "x", "email": "no@example.test"}
    for mended, code in [("timestamp", 20624), ("nonce", 2059), ("sign", 2015)]:
        del everything_wrong[mended]
        assert answered(twin, clock, "POST", body={}, **everything_wrong)["code"] == code


def test_a_time_five_minutes_off_is_still_fresh(twin: UdeskTwin, clock: FakeClock) -> None:
    assert answered(twin, clock, "GET", timestamp="1772352300")["code"] == 1000
    assert answered(twin, clock, "GET", timestamp="1772351700")["code"] == 1000


def test_a_nonce_serves_once_in_15_minutes(twin: UdeskTwin, clock: FakeClock) -> None:
    assert answered(twin, clock, "GET", nonce="same")["code"] == 1000
    clock.sleep(15 * 60)
    assert answered(twin, clock, "GET", nonce="same")["code"] == 20623
    clock.sleep(1)
    assert answered(twin, clock, "GET", nonce="same")["code"] == 1000


def test_a_signature_of_version_1_counts_only_where_it_is_switched_on(clock: FakeClock) -> None:
    # the worked example's form, with made-up credentials: SHA-1 over three parts, no nonce
    query = (
        ("email", EMAIL),
        ("timestamp", "1494474404"),
        ("sign", "327fed6c94d64f8c129cd19f0b8a0fe11a2bf669"),
    )
    request = TwinRequest("GET", "/open_api_v1/departments", query)
    for legacy, code in [(False, 20624), (True, 1000)]:
        twin = UdeskTwin(now=lambda: clock.now().fromtimestamp(1494474404, clock.now().tzinfo), legacy_v1=legacy)
        assert json.loads(twin.handle(request).body)["code"] == code


def test_log_in_gives_the_token_to_the_administrators_password_alone(twin: UdeskTwin) -> None:
    def log_in(password: str) -> Any:
        body = json.dumps({"email": EMAIL, "password": password}).encode()
        return json.loads(twin.handle(TwinRequest("POST", "/open_api_v1/log_in", body=body)).body)

    assert log_in("pass-000") == {"code": 1000, "open_api_auth_token": TOKEN}
    assert log_in("wrong")["code"] == 2005
