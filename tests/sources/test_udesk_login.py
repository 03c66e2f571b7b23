"""Udesk with e-mail and password: one log-in a run gives the token, and what goes wrong with it is told once."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipelines import config as configuration
from pipelines.errors import UsageError
from pipelines.secrets import resolve
from sources.errors import Denied, NotSent, Throttled
from sources.http import ATTEMPTS
from sources.secret import Scrubber, Secret
from sources.twin import TwinReply, TwinRequest
from sources.udesk.client import UdeskClient
from sources.udesk.settings import VENDOR
from sources.vendor import Connection
from tests.contract import Ground
from tests.sources import test_contract_udesk as by_token
from tests.sources.udesk_rig import EMAIL, TOKEN, Bench, D, bench, refusal

PASSWORD = "pass-000"
LOG_IN = ("POST", "/open_api_v1/log_in")


@dataclass
class Desk:
    """A bench whose client logs in."""

    bench: Bench
    scrubber: Scrubber = field(default_factory=Scrubber)

    def __post_init__(self) -> None:
        secrets = {"email": Secret(EMAIL), "password": Secret(PASSWORD)}
        connection = Connection("udesk_cn", "udesk", "http://127.0.0.1:1", {}, secrets)
        client = VENDOR.connect(connection, self.bench.client.wire, self.scrubber)
        assert isinstance(client, UdeskClient)
        self.client = client

    def log_ins(self) -> int:
        return sum((method, path) == LOG_IN for method, path, _ in self.bench.twin.log)


def desk(**switches: Any) -> Desk:
    return Desk(bench(**switches))


class TestUdeskLogIn(by_token.TestUdesk):
    """Every law of the contract, with a password in place of the token; the first call has logged in already."""

    denied_calls = 1  # the log-in

    def make(self, **switches: Any) -> Ground:
        wrong = switches.pop("token", None)
        made = super().make(**switches, **({"password": wrong} if wrong else {}))
        other = Desk(Bench(made.twin, made.clock))  # type: ignore[arg-type] # the ground's twin is Udesk's
        if not wrong:
            other.client._auth.token.get()
            made.twin.log.clear()
        return replace(made, client=other.client, secrets=(TOKEN, PASSWORD, EMAIL))


def test_one_log_in_gives_the_token_for_a_whole_run() -> None:
    made = desk()
    number = made.bench.twin.add_department("Ops")
    assert made.client.observe(D, str(number)).values["name"] == "Ops"
    made.client.create(D, {"name": "Sales", "parent_id": None})
    made.client.forget()
    made.client.observe(D, str(number))
    assert made.log_ins() == 1


def test_the_log_in_is_json_without_a_signature_and_the_password_goes_nowhere_else() -> None:
    made = desk()
    made.bench.twin.add_department("Ops")
    made.client.observe(D, "1")
    first, *rest = made.bench.asked
    assert (first.method, first.path, first.query) == (*LOG_IN, ())
    assert json.loads(first.body) == {"email": EMAIL, "password": PASSWORD}
    assert rest
    assert not [request for request in rest if PASSWORD in f"{request.query} {request.body!r} {request.headers}"]


@pytest.mark.parametrize("key", ["open_api_auth_token", "open_api_token"])
@pytest.mark.parametrize("code", [1000, "1000"])
def test_the_token_is_read_in_both_spellings(key: str, code: object) -> None:
    made = desk(token="tok-other")
    made.bench.answer_once({"code": code, key: "tok-other"})
    made.bench.twin.add_department("Ops")
    assert made.client.observe(D, "1").values["name"] == "Ops"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_wrong_password_is_told_as_such_once_and_never_tried_again(language: str) -> None:
    made = desk(password="another", language=language)
    for _ in range(3):
        with pytest.raises(Denied, match=r"log-in was refused: check email and password .*code 2005.*not tried again"):
            made.client.create(D, {"name": "Ops", "parent_id": None})
    assert len(made.bench.twin.log) == 1


@pytest.mark.parametrize(
    "answer",
    [
        refusal(2000, "too many failed attempts"),
        refusal(2000, "登录过于频繁"),
        refusal(2000, "user not found"),
        refusal(2058),
        refusal(2015),
    ],
)
def test_any_refusal_of_a_log_in_is_final_for_the_run(answer: dict[str, object]) -> None:
    made = desk()
    made.bench.answer_once(answer)
    for _ in range(2):
        with pytest.raises(Denied, match="not tried again"):
            made.client.observe(D, "1")
    assert len(made.bench.twin.log) == 1


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"code": 1000}', b'{"code": 1000, "open_api_auth_token": ""}', b'{"code": 1000, "open_a']
)
def test_a_log_in_without_a_usable_answer_means_that_the_write_was_not_sent(body: bytes) -> None:
    made = desk()
    made.bench.lose_answer(200, body)
    with pytest.raises(NotSent, match="no usable answer"):
        made.client.create(D, {"name": "Ops", "parent_id": None})
    with pytest.raises(Denied, match="not tried again"):
        made.client.create(D, {"name": "Ops", "parent_id": None})
    assert made.bench.twin.departments == {}
    assert made.log_ins() == 1


def test_a_log_in_that_is_throttled_or_never_left_is_sent_again() -> None:
    made = desk()
    made.bench.answer_once({"code": 2000, "message": "too many requests"}, status=429)

    def nobody(_request: TwinRequest, _execute: object) -> TwinReply:
        raise httpx.ConnectError("refused")

    made.bench.twin.faults.append(nobody)
    made.client.create(D, {"name": "Ops", "parent_id": None})
    assert [request.path for request in made.bench.asked].count(LOG_IN[1]) == 3


def test_a_log_in_that_stays_throttled_may_be_tried_by_a_later_call() -> None:
    made = desk()
    for _ in range(ATTEMPTS):
        made.bench.answer_once({"code": 2000, "message": "too many requests"}, status=429)
    with pytest.raises(Throttled):
        made.client.create(D, {"name": "Ops", "parent_id": None})
    made.bench.twin.faults.clear()
    made.client.create(D, {"name": "Ops", "parent_id": None})


def test_a_token_that_is_refused_leads_to_no_other_log_in() -> None:
    made = desk()
    made.bench.twin.add_department("Ops")
    made.client.observe(D, "1")
    made.bench.twin._token = "tok-new"
    made.client.forget()
    for _ in range(2):
        with pytest.raises(Denied, match="signature"):
            made.client.observe(D, "1")
    assert made.log_ins() == 1


def test_threads_share_one_log_in() -> None:
    made = desk()
    start = threading.Barrier(8)

    def attempt(_number: int) -> str:
        start.wait()
        return made.client._auth.token.get().reveal()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(attempt, range(8))) == {TOKEN}
    assert made.log_ins() == 1


def test_no_error_of_a_log_in_repeats_what_was_sent_or_fetched() -> None:
    made = desk()
    echo = {"code": 2005, "message": f"{EMAIL} {PASSWORD} wrong"}
    made.bench.answer_once(echo)
    with pytest.raises(Denied) as denied:
        made.client.observe(D, "1")
    told = f"{denied.value!r} {denied.value.__cause__} {denied.value.__context__!r}"
    assert not [secret for secret in (EMAIL, PASSWORD) if secret in str(denied.value)]
    assert PASSWORD not in told.replace(repr(denied.value.__context__), "")
    fetched = desk()
    fetched.bench.twin.add_department("Ops")
    fetched.client.observe(D, "1")
    assert fetched.scrubber.clean(f"x {TOKEN} {PASSWORD}") == "x *** ***"


def test_a_token_goes_before_a_password_and_either_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "orgweave.toml"
    file.write_text("[connections.cn]\nvendor = 'udesk'\nbase_url = 'https://cn.test'\n", encoding="utf-8")
    loaded = configuration.load(file)
    monkeypatch.setenv("CONNECTIONS__CN__EMAIL", EMAIL)
    with pytest.raises(UsageError, match="set CONNECTIONS__CN__OPEN_API_TOKEN, or CONNECTIONS__CN__PASSWORD in"):
        resolve(loaded, ["cn"])
    monkeypatch.setenv("CONNECTIONS__CN__PASSWORD", PASSWORD)
    assert resolve(loaded, ["cn"])["cn"].keys() == {"email", "password"}
    monkeypatch.setenv("CONNECTIONS__CN__OPEN_API_TOKEN", TOKEN)
    assert resolve(loaded, ["cn"])["cn"].keys() == {"email", "open_api_token"}
