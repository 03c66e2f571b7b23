"""Nexudus by HTTP Basic: the same laws as by a token, and a wrong password that is told once and not tried again."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from mappings.model import Entity
from pipelines import config as configuration
from pipelines.errors import UsageError
from pipelines.secrets import resolve
from sources.errors import Denied, Gone, NotSent, Unknown
from sources.nexudus.sandbox import NexudusTwin
from sources.twin import TwinReply, TwinRequest
from tests.contract import Ground
from tests.sources import test_contract_nexudus as by_token
from tests.sources.nexudus_rig import LOGIN, PAGED, Rig, new_twin, says

TEAM = Entity.TEAM
PROOF = "Basic YWRtaW5AZXhhbXBsZS50ZXN0OnB3LTAwMC1tYWRlLXVw"


def open_rig(twin: NexudusTwin, **secrets: str) -> Rig:
    return Rig(twin, {**LOGIN, **secrets}, options={"auth": "basic"})


def basic_twin(**switches: Any) -> NexudusTwin:
    return new_twin(**{"token": None, **LOGIN, **switches})


def paths(twin: NexudusTwin) -> list[str]:
    return [path for _, path, _ in twin.log]


class TestNexudusBasic(by_token.TestNexudus):
    """Every law of the contract, with a name and password in place of a token."""

    denied_calls = 2  # one call, and one sign-in that settles what its 401 meant

    def make(self, **switches: Any) -> Ground:
        wrong = switches.pop("token", None)
        made = super().make(**{"token": None, **LOGIN, **switches, **({"password": wrong} if wrong else {})})
        assert isinstance(made.twin, NexudusTwin)
        rig = open_rig(made.twin)
        secrets = (LOGIN["password"], PROOF.removeprefix("Basic "))
        return replace(made, client=rig.client, clock=rig.clock, secrets=secrets)


def test_every_call_carries_the_name_and_password_and_no_token_is_fetched() -> None:
    twin = basic_twin()
    number = twin.add_team(Name="T")
    seen: list[str] = []
    twin.faults.append(lambda request, _real: seen.append(request.headers["authorization"]))
    rig = open_rig(twin)
    rig.client.observe(TEAM, str(number))
    rig.client.create(TEAM, {"name": "N"})
    assert (seen, twin.desk.grants) == ([PROOF], [])


def test_a_password_in_chinese_is_sent_as_utf_8() -> None:
    twin = basic_twin(password="密码-000")
    assert open_rig(twin, password="密码-000").receipt(TEAM).complete


@pytest.mark.parametrize("status", [400, 401])
def test_a_wrong_password_is_told_as_such_and_never_sent_again(status: int) -> None:
    twin = basic_twin(password="another", login_refused_status=status)
    rig = open_rig(twin)
    for _ in range(3):
        with pytest.raises(Denied, match=r"does not accept the username and password.*check username and password"):
            rig.client.create(TEAM, {"name": "N"})
    for entity in PAGED:
        assert isinstance(rig.read(entity).fault, Denied)
    assert paths(twin) == ["/api/spaces/teams", "/api/token"]


def test_a_missing_role_is_no_wrong_password_and_the_rest_goes_on() -> None:
    twin = basic_twin(roles=frozenset({"CoworkerTask-List", "CoworkerTask-Read"}))
    rig = open_rig(twin)
    right = r"\(HTTP 401\): the credentials are right, .*lacks the role Team-Create"
    for told in (right, "role Team-Create", "role Team-Create"):
        with pytest.raises(Denied, match=told):
            rig.client.create(TEAM, {"name": "N"})
    assert rig.receipt(Entity.TASK).complete
    assert twin.desk.grants == ["password"]


def test_a_refusal_that_no_sign_in_explains_is_not_repeated() -> None:
    twin = basic_twin(password="another")
    twin.faults.extend([lambda _request, _real: None, says(502)])
    rig = open_rig(twin)
    for _ in range(3):
        with pytest.raises(Denied, match=r"credentials are wrong.*role Team-Create.*Nothing more is sent"):
            rig.client.create(TEAM, {"name": "N"})
    assert paths(twin) == ["/api/spaces/teams", "/api/token"]


def test_a_first_call_without_an_answer_does_not_count_as_a_wrong_password() -> None:
    twin = basic_twin()
    twin.faults.append(says(500))
    rig = open_rig(twin)
    with pytest.raises(Unknown):
        rig.client.create(TEAM, {"name": "N"})
    assert rig.receipt(TEAM).complete


def test_a_first_call_about_a_record_that_is_gone_was_let_in() -> None:
    twin = basic_twin()
    rig = open_rig(twin)
    with pytest.raises(Gone):
        rig.client.observe(TEAM, "404")
    twin.desk._user = (LOGIN["username"], "changed meanwhile")
    with pytest.raises(Denied, match="role Team-Create"):
        rig.client.create(TEAM, {"name": "N"})
    assert twin.desk.grants == []


def test_many_threads_send_a_wrong_password_once() -> None:
    twin = basic_twin(password="another")
    rig = open_rig(twin)
    start = threading.Barrier(8)

    def attempt(_number: int) -> bool:
        start.wait()
        with pytest.raises(Denied):
            rig.client.create(TEAM, {"name": "N"})
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(attempt, range(8)))
    assert sorted(paths(twin)) == ["/api/spaces/teams", "/api/token"]


def test_a_username_with_a_colon_is_refused_before_anything_is_sent() -> None:
    twin = basic_twin()
    with pytest.raises(Denied, match=r'colon.*auth = "token"'):
        open_rig(twin, username="a:b").client.create(TEAM, {"name": "N"})
    assert twin.log == []


def test_a_vendor_that_cannot_be_reached_is_no_wrong_password() -> None:
    twin = basic_twin()
    rig = open_rig(twin)

    def nobody(_request: TwinRequest, _real: Callable[[TwinRequest], TwinReply]) -> TwinReply:
        raise httpx.ConnectError("refused")

    twin.faults.extend([nobody] * 4)
    with pytest.raises(NotSent):
        rig.client.create(TEAM, {"name": "N"})
    rig.client.create(TEAM, {"name": "N"})


ACCOUNT = "[connections.hq]\nvendor = 'nexudus'\nbase_url = 'https://hq.test'\nbusiness_id = 1\n"


def test_basic_takes_the_name_and_password_even_where_a_token_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONNECTIONS__HQ__TOKEN", "tok-000")
    file = tmp_path / "orgweave.toml"
    file.write_text(ACCOUNT + "auth = 'basic'\n", encoding="utf-8")
    loaded = configuration.load(file)
    with pytest.raises(UsageError, match=r"CONNECTIONS__HQ__USERNAME \+ CONNECTIONS__HQ__PASSWORD in the environment"):
        resolve(loaded, ["hq"])
    monkeypatch.setenv("CONNECTIONS__HQ__USERNAME", LOGIN["username"])
    monkeypatch.setenv("CONNECTIONS__HQ__PASSWORD", LOGIN["password"])
    assert resolve(loaded, ["hq"])["hq"].keys() == {"username", "password"}
    file.write_text(ACCOUNT, encoding="utf-8")
    assert resolve(configuration.load(file), ["hq"])["hq"].keys() == {"token"}


def test_another_way_in_is_refused_with_its_key(tmp_path: Path) -> None:
    file = tmp_path / "orgweave.toml"
    file.write_text(ACCOUNT + "auth = 'digest'\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"connections.hq: auth must be one of token, basic, not 'digest'"):
        configuration.load(file)
