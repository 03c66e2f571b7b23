"""What a status may and may not mean, at every vendor."""

from typing import Any

import pytest

from mappings.model import NAME_FIELD, Entity
from sources.errors import Denied, Gone, Rejected, Throttled, Unavailable, Unknown
from sources.http import ATTEMPTS
from sources.message import Reply
from sources.twin import TwinReply
from tests.contract_ground import HTML
from tests.faults.rigs import GROUNDS, D
from tests.faults.toxic import GET, POST, Toxic, ask, http, wired

CREATES = [(vendor, status) for vendor in GROUNDS for status in (413, 414, 431, 400, 405, 410, 422, 500, 502, 503, 504)]


@pytest.mark.parametrize(("vendor", "status"), CREATES)
@pytest.mark.parametrize("body", [b"", HTML, b"{}", b'"too large"'])
def test_a_status_without_the_vendors_own_words_does_not_say_that_a_write_was_refused(
    vendor: str, status: int, body: bytes
) -> None:
    ground = GROUNDS[vendor]()
    ground.plant(TwinReply(status, body), effect=True)
    with pytest.raises(Unknown):
        ground.client.create(D, ground.fresh(D, "Made"))
    assert len(ground.named(D, "Made")) == len(ground.twin.writes()) == 1


@pytest.mark.parametrize("vendor", GROUNDS)
def test_accepted_is_not_done(vendor: str) -> None:
    ground = GROUNDS[vendor]()
    (key,) = ground.seed(D, 1)
    seen = ground.client.observe(D, key)
    for body in (b"", b"{}", b'{"status": "queued"}'):
        ground.plant(TwinReply(202, body))
        with pytest.raises(Unknown):
            ground.client.create(D, ground.fresh(D, "Made"))
        ground.plant(TwinReply(202, body))
        with pytest.raises(Unknown):
            ground.client.change(D, seen, {NAME_FIELD[D]: "New"})


@pytest.mark.parametrize("vendor", GROUNDS)
@pytest.mark.parametrize("status", [200, 202, 203, 204, 205, 206])
def test_a_success_without_content_is_no_empty_list(vendor: str, status: int) -> None:
    ground = GROUNDS[vendor]()
    ground.seed(D, 3)
    ground.plant(TwinReply(status), times=ATTEMPTS)
    found = ground.read(D)
    assert (found.receipt.complete, found.pages) == (False, ())
    assert isinstance(found.fault, Unavailable)


@pytest.mark.parametrize("vendor", GROUNDS)
@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize(("told", "wait"), [("7", 7), ("10000", 60)])
def test_a_server_error_with_a_named_wait_is_obeyed_and_cut(vendor: str, status: int, told: str, wait: int) -> None:
    ground = GROUNDS[vendor]()
    ids = ground.seed(D, 2)
    ground.plant(TwinReply(status, HTML if vendor == "scalepad" else b'{"code": 1}', {"Retry-After": told}))
    found = ground.read(D)
    assert (found.receipt.complete, found.receipt.distinct) == (True, len(ids))
    if vendor != "udesk" or status >= 500:
        assert wait <= sum(ground.clock.slept) < wait + 2


@pytest.mark.parametrize("vendor", GROUNDS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_write_is_denied_with_the_host_named_and_made_nowhere(vendor: str, status: int) -> None:
    ground = GROUNDS[vendor]()
    ground.plant(TwinReply(status, b"", {"Location": "https://u:pw-000@other.example.test/login?token=tok-000"}))
    with pytest.raises(Denied, match=r"other\.example\.test") as raised:
        ground.client.create(D, ground.fresh(D, "Made"))
    assert not [secret for secret in ("pw-000", "tok-000") if secret in str(raised.value)]
    assert (len(ground.twin.log), ground.named(D, "Made")) == (1, [])


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://other.example.test:8443/x", "https://other.example.test:8443:"),
        ("//other.example.test/x", "the same scheme://other.example.test:"),
        ("/login?token=tok-000", "another path of the same host"),
        ("", "nowhere"),
        ("http://[::1", "an address that is none"),
        ("http://host:port/", "an address that is none"),
        (f"http://{'a' * 9000}/", "a" * 100 + ":"),
        ("file:///etc/passwd", "another path of the same host"),
    ],
)
def test_where_a_redirect_leads_is_told_by_its_host_alone(location: str, shown: str) -> None:
    told = Reply(302, {"location": location}, b"").target() + ":"
    assert shown in told
    assert "tok-000" not in told
    assert len(told) < 200


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent", "304 Not Modified"])
def test_over_a_socket_no_redirect_is_followed_and_no_token_leaves_for_another_host(status: str) -> None:
    with Toxic(http(b"{}")) as other, Toxic(http(b"", f"Location: {other.url}/x", status=status)) as server:
        with wired(server.url) as wire:
            for call in (GET, POST):
                with pytest.raises(Denied, match=f"127.0.0.1:{other.port}"):
                    ask(wire, call)
        assert (len(server.asked), other.connections) == (2, 0)


@pytest.mark.parametrize("vendor", GROUNDS)
def test_a_404_without_the_vendors_words_makes_no_record_gone(vendor: str) -> None:
    ground = GROUNDS[vendor]()
    (key,) = ground.seed(D, 1)
    ground.plant(TwinReply(404, HTML), times=ATTEMPTS)
    with pytest.raises(Unavailable):
        ground.client.observe(D, key)
    assert ground.client.observe(D, key).source_id == key


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (TwinReply(409, b"", {"Retry-After": "1"}), Throttled),
        (TwinReply(409), Throttled),
        (TwinReply.of(409, {"Message": "x", "Errors": [], "WasSuccessful": False}), Rejected),
        (TwinReply(409, b"You must wait before accessing this url again", {"Retry-After": "1"}), Throttled),
        (TwinReply(409, b"conflict"), Unknown),
    ],
)
def test_a_409_of_nexudus_is_told_apart_by_header_and_body(reply: TwinReply, error: type[Exception]) -> None:
    ground = GROUNDS["nexudus"]()
    ground.plant(reply, times=ATTEMPTS)
    with pytest.raises(error):
        ground.client.create(D, ground.fresh(D, "Made"))


@pytest.mark.parametrize("told", [{}, {"Retry-After": "1"}])
def test_a_409_of_scalepad_is_a_taken_name_whatever_its_headers_say(told: dict[str, str]) -> None:
    ground = GROUNDS["scalepad"]()
    body: Any = {"error": {"code": "conflict", "message": "exists", "details": {}}}
    ground.plant(TwinReply.of(409, body, told))
    with pytest.raises(Rejected) as raised:
        ground.client.create(D, ground.fresh(D, "Made"))
    assert (raised.value.rule, ground.client.wire.retries) == ("name_taken", 0)


def test_a_410_is_no_word_of_nexudus_and_makes_no_record_gone() -> None:
    ground = GROUNDS["nexudus"]()
    (key,) = ground.seed(Entity.TEAM, 1)
    ground.plant(TwinReply(410, b""))
    with pytest.raises(Rejected):
        ground.client.observe(Entity.TEAM, key)


def test_gone_is_told_by_the_vendors_own_404_alone() -> None:
    for make in GROUNDS.values():
        ground = make()
        with pytest.raises(Gone):
            ground.client.observe(D, ground.unknown_id)
