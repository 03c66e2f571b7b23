"""What keeps an account from working: ``check`` tells it in a sentence that says what to do."""

import os
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pipelines.check import PATIENCE
from pipelines.sandbox import CLIENT_ID
from sources.twin import FaultyTwin, TwinReply, TwinRequest
from tests.pipelines.rig import Execute, Office, always, failing


def checked(office: Office, *names: str) -> Any:
    """The connections of ``check --json``."""
    return office.run("check", *names, "--json").json()["connections"]


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("udesk_cn", "CONNECTIONS__UDESK_CN__OPEN_API_TOKEN"),
        ("amm", "CONNECTIONS__AMM__TOKEN"),
        ("hq", "CONNECTIONS__HQ__TOKEN"),
    ],
)
def test_a_secret_that_is_refused_is_told_by_the_name_of_its_variable(
    company: Office, name: str, variable: str
) -> None:
    os.environ[variable] = "made-up-and-of-another"
    ran = company.run("check", "--json")
    found = ran.json()["connections"]
    assert (ran.code, [key for key, one in found.items() if not one["ok"]]) == (5, [name])
    assert (found[name]["reachable"], found[name]["credentials"]) == (True, False)
    assert variable in found[name]["detail"]
    assert {one["missing_role"] for one in found[name]["resources"].values()} == {None}


def test_an_account_without_its_secret_is_told_and_the_others_are_checked_all_the_same(company: Office) -> None:
    del os.environ["CONNECTIONS__UDESK_CN__EMAIL"]
    os.environ["CONNECTIONS__AMM__TOKEN"] = "a token\nwith a line break"
    ran = company.run("check", "--json")
    found = ran.json()["connections"]
    assert (ran.code, [one["ok"] for one in found.values()]) == (2, [False, False, True])
    assert (found["udesk_cn"]["reachable"], found["udesk_cn"]["credentials"]) == (False, None)
    assert "CONNECTIONS__UDESK_CN__EMAIL" in found["udesk_cn"]["detail"]
    assert "connections.amm.token: the secret has blanks, line breaks" in found["amm"]["detail"]
    assert company.run("check").out.startswith("FAIL udesk_cn: a secret is missing.")
    assert not [name for name, _, _, _ in company.server.requests() if name in ("udesk", "scalepad")]


def nobody_there(office: Office) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    office.reconfigure(f"{office.server.url}/scalepad", f"http://127.0.0.1:{port}")


def https_to_http(office: Office) -> None:
    url = f"{office.server.url}/scalepad"
    office.reconfigure(url, url.replace("http:", "https:"))


def a_page(office: Office) -> None:
    always(office.vendors.scalepad, failing(200, b"<!DOCTYPE html><html>log in</html>"))


def down(office: Office) -> None:
    always(office.vendors.scalepad, failing(503, b"broken"))


def redirected(office: Office) -> None:
    away = TwinReply(302, b"", {"Location": "https://login.example.test/?token=1"})
    always(office.vendors.scalepad, lambda _request, _execute: away)


def throttled(office: Office) -> None:
    later = TwinReply(429, b"Too many requests", {"Retry-After": "60"})
    always(office.vendors.scalepad, lambda _request, _execute: later)


def another_client(office: Office) -> None:
    office.reconfigure(CLIENT_ID, "bb7cf840-9ca9-46a3-9778-9015d6580d50")


def another_path(office: Office) -> None:
    office.reconfigure("/scalepad/v2", "/scalepad/v2/api")


def not_permitted(office: Office) -> None:
    office.vendors.scalepad._forbidden = True


@pytest.mark.parametrize(
    ("cause", "reachable", "credentials", "told"),
    [
        (
            nobody_there,
            False,
            None,
            ("cannot connect to 127.0.0.1", "is base_url right, and may this machine reach it?"),
        ),
        (https_to_http, False, None, ("cannot connect to 127.0.0.1", "is base_url right")),
        (a_page, True, None, ("markup (<!DOCTYPE)", "is base_url the API's own address?")),
        (down, True, None, ("HTTP 503", "the vendor is down: check again later")),
        (redirected, True, None, ("redirected (HTTP 302) to https://login.example.test", "is base_url right?")),
        (throttled, True, None, ("limit is reached", "check again in a minute", "[connections.amm.pace]")),
        (another_client, True, None, ("client bb7cf840-9ca9-46a3-9778-9015d6580d50 is not there",)),
        (another_path, True, None, ("HTTP 404", "is base_url the API's own address?")),
        (not_permitted, True, True, ("no permission for client",)),
    ],
)
def test_what_keeps_an_account_from_working_is_a_sentence_that_says_what_to_do(
    company: Office,
    cause: Callable[[Office], None],
    reachable: bool,  # noqa: FBT001 - a table's column
    credentials: bool | None,  # noqa: FBT001 - likewise
    told: tuple[str, ...],
) -> None:
    cause(company)
    before = company.clock.now()
    ran = company.run("check", "--json")
    found = ran.json()["connections"]
    assert (ran.code, [key for key, one in found.items() if not one["ok"]]) == (5, ["amm"])
    assert (found["amm"]["reachable"], found["amm"]["credentials"]) == (reachable, credentials)
    for text in told:
        assert text in found["amm"]["detail"]
    assert "token=1" not in ran.text
    assert company.clock.now() - before < timedelta(seconds=PATIENCE + 5)


def set_clock(twin: FaultyTwin, office: Office, seconds: float) -> None:
    twin._now = lambda: office.clock.now() + timedelta(seconds=seconds)


@pytest.mark.parametrize(("seconds", "told"), [(90.5, "s behind the vendor's"), (-90.5, "s ahead of the vendor's")])
def test_a_clock_that_is_off_is_warned_of(company: Office, seconds: float, told: str) -> None:
    for twin in company.twins.values():
        set_clock(twin, company, seconds)
    ran = company.run("check", "--json")
    found = ran.json()["connections"]
    assert ran.code == 0
    for one in found.values():
        assert told in one["detail"]
        assert "set it" in one["detail"]
        assert abs(one["clock_skew_seconds"] + seconds) < 3
        assert one["notes"]


@pytest.mark.parametrize("seconds", [45, -45])
def test_a_clock_that_is_a_little_off_is_told_without_a_warning(company: Office, seconds: int) -> None:
    set_clock(company.vendors.nexudus, company, seconds)
    hq = checked(company)["hq"]
    assert (hq["ok"], hq["notes"]) == (True, [])
    assert "Clock 4" in hq["detail"]


@pytest.mark.parametrize("seconds", [400, -400])
def test_a_clock_by_which_no_signature_would_hold_fails_where_one_is_needed(company: Office, seconds: int) -> None:
    for twin in company.twins.values():
        set_clock(twin, company, seconds)
    ran = company.run("check", "--json")
    found = ran.json()["connections"]
    assert (ran.code, [one["ok"] for one in found.values()]) == (5, [False, True, True])
    assert "check this machine's clock: it is" in found["udesk_cn"]["detail"]
    assert 395 < abs(found["udesk_cn"]["clock_skew_seconds"]) < 405


def test_a_clock_out_of_bounds_fails_though_this_once_the_vendor_let_it_pass(company: Office) -> None:
    def late(request: TwinRequest, execute: Execute) -> TwinReply:
        reply = execute(request)
        return TwinReply(reply.status, reply.body, reply.headers).dated(
            lambda: company.clock.now() - timedelta(seconds=301.5)
        )

    always(company.vendors.udesk, late)
    found = checked(company, "udesk_cn")["udesk_cn"]
    assert found["ok"] is False
    assert "ahead of the vendor's, Udesk allows 300 s. What to do: set it" in found["detail"]
