import json
from typing import Any
from urllib.parse import urlencode

import pytest

from sources.nexudus.sandbox import NexudusTwin
from sources.twin import TwinRequest
from tests.sources.nexudus_rig import DEPARTMENTS, LOGIN, TEAMS, ask, new_twin

FORM = "application/x-www-form-urlencoded"


def grant(twin: NexudusTwin, client_id: str | None = None, kind: str = FORM, **fields: str) -> tuple[int, Any]:
    headers = {"content-type": kind} | ({"client_id": client_id} if client_id else {})
    body = urlencode(fields) if kind == FORM else json.dumps(fields)
    reply = twin.handle(TwinRequest("POST", "/api/token", (), headers, body.encode()))
    return reply.status, json.loads(reply.body)


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer another"}, {"authorization": "Bearer "}])
def test_without_a_good_token_everything_is_401(header: dict[str, str]) -> None:
    assert new_twin().handle(TwinRequest("GET", TEAMS, (), header)).status == 401


def test_list_and_read_are_different_roles() -> None:
    twin = new_twin(roles=frozenset({"Team-List"}))
    number = twin.add_team(Name="T")
    assert ask(twin, "GET", TEAMS).status == 200
    assert ask(twin, "GET", f"{TEAMS}/{number}").status == 401
    assert ask(twin, "GET", f"{TEAMS}/", id=f"[{number}]").status == 401
    assert ask(twin, "GET", DEPARTMENTS).status == 401


def test_the_token_endpoint_takes_form_fields_only() -> None:
    twin = new_twin(**LOGIN)
    assert grant(twin, kind="application/json", grant_type="password", **LOGIN)[0] == 400
    status, told = grant(twin, grant_type="password", **LOGIN)
    assert (status, told["token_type"]) == (200, "bearer")
    assert grant(twin, grant_type="other")[1]["error"] == "unsupported_grant_type"
    assert grant(twin, grant_type="password", username="x", password="y")[1]["error"] == "invalid_grant"


def test_a_refresh_token_counts_once_and_only_for_its_client() -> None:
    twin = new_twin(**LOGIN)
    _, told = grant(twin, "one", grant_type="password", **LOGIN)
    refresh = {"grant_type": "refresh_token", "refresh_token": told["refresh_token"]}
    assert grant(twin, "other", **refresh)[0] == 400
    assert grant(twin, "one", **refresh)[0] == 200
    assert grant(twin, "one", **refresh)[0] == 400


def test_a_new_sign_in_of_the_same_client_kills_its_earlier_refresh_token() -> None:
    twin = new_twin(**LOGIN)
    _, first = grant(twin, grant_type="password", **LOGIN)
    grant(twin, grant_type="password", **LOGIN)
    assert grant(twin, grant_type="refresh_token", refresh_token=first["refresh_token"])[0] == 400
