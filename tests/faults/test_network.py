"""Real sockets on loopback: what a network, or a server that lies, can do to one exchange."""

import gzip
import inspect
import shutil
import socket
import ssl
import threading
import zlib
from pathlib import Path

import pytest

from sources.errors import Denied, NotSent, Unknown, VendorError
from sources.http import ATTEMPTS, Wire
from sources.message import Call
from tests.faults.toxic import (
    GET,
    POST,
    Answer,
    Toxic,
    ask,
    close_after,
    http,
    packed,
    reset,
    self_signed,
    wired,
)

PAGE = b'{"page": 1}'
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
OPENSSL = shutil.which("openssl")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


def test_nobody_there_means_not_sent_for_any_verb_after_a_few_tries() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for call in (GET, POST):
        with wired(f"http://127.0.0.1:{port}") as wire, pytest.raises(NotSent, match=f"127.0.0.1:{port}"):
            ask(wire, call)
        assert wire.calls == ATTEMPTS


def test_a_name_that_no_resolver_knows_means_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: object, **_more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with wired("https://vendor.example.test") as wire, pytest.raises(NotSent, match="Name or service not known"):
        ask(wire, POST)


BROKEN: dict[str, Answer] = {
    "reset": reset,
    "closed without a word": close_after(b""),
    "closed within the headers": close_after(HEAD + b"Content-Le"),
    "shorter than its length": close_after(http(PAGE, length=50)),
    "cut within a chunk": close_after(CHUNKED + b'b\r\n{"pag'),
    "cut between chunks": close_after(CHUNKED + b'b\r\n{"page": 1}\r\n'),
    "no HTTP": close_after(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "gzip cut in the middle": http(gzip.compress(PAGE)[:-9], "Content-Encoding: gzip"),
    "no gzip": http(PAGE, "Content-Encoding: gzip"),
    "gzip without a word": http(gzip.compress(PAGE)),
    "something behind the gzip": http(gzip.compress(PAGE) + b"more", "Content-Encoding: gzip"),
    "packed twice": http(gzip.compress(gzip.compress(PAGE)), "Content-Encoding: gzip, gzip"),
    "packed unasked": http(zlib.compress(PAGE), "Content-Encoding: deflate"),
    "two lengths": http(PAGE, "Content-Length: 3"),
    "a length that is none": http(PAGE, "Content-Length: many", length=-1),
    "half of it in Latin-1": http('{"name": "Büro"}'.encode("latin-1"), "Content-Type: application/json"),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_answer_is_asked_for_again_and_a_write_behind_one_is_unknown(answer: Answer) -> None:
    with Toxic(answer, answer, http(PAGE)) as server, wired(server.url) as wire:
        assert ask(wire) == {"page": 1}
        assert (wire.calls, wire.retries) == (3, 2)
    with Toxic(answer, http(PAGE)) as server, wired(server.url) as wire:
        with pytest.raises(Unknown):
            ask(wire, POST)
        assert len(server.asked) == 1


def test_what_lies_about_its_kind_is_judged_by_its_bytes() -> None:
    for told in (
        "Content-Type: text/html",
        "Content-Type: application/zip",
        "Content-Type: text/plain; charset=utf-16",
    ):
        with Toxic(http('{"name": "部"}'.encode(), told)) as server, wired(server.url) as wire:
            assert ask(wire) == {"name": "部"}


def test_a_whole_answer_in_gzip_or_in_chunks_is_read() -> None:
    chunks = CHUNKED + b'4\r\n{"pa\r\n7\r\nge": 1}\r\n0\r\n\r\n'
    with Toxic(packed(PAGE), chunks, packed(b'{"x": "' + b"y" * 900_000 + b'"}')) as server, wired(server.url) as wire:
        assert ask(wire) == ask(wire) == {"page": 1}
        assert len(ask(wire)["x"]) == 900_000
        assert server.connections == 1
    assert b"accept-encoding: gzip\r\n" in server.asked[0].lower()


def test_an_answer_that_was_left_over_on_a_kept_connection_is_not_taken_for_the_next_ones() -> None:
    stale = http(b'{"page": "stale"}')
    with Toxic(http(PAGE) + stale, http(b'{"page": 2}')) as server, wired(server.url) as wire:
        assert ask(wire) == {"page": 1}
        assert ask(wire) == {"page": 2}
        assert server.connections == 2


def test_a_write_that_got_a_left_over_answer_is_unknown() -> None:
    with Toxic(http(PAGE) + http(b'{"id": 7}')) as server, wired(server.url) as wire:
        ask(wire)
        with pytest.raises(Unknown, match="belongs to another"):
            ask(wire, POST)


def test_bytes_that_come_late_on_an_idle_connection_are_not_taken_for_the_next_answer() -> None:
    idle, sent = threading.Event(), threading.Event()

    def late(made: socket.socket) -> None:
        made.sendall(http(PAGE))
        assert idle.wait(10)
        made.sendall(http(b'{"page": "stale"}'))
        sent.set()

    with Toxic(late, http(b'{"page": 2}')) as server, wired(server.url) as wire:
        assert ask(wire) == {"page": 1}
        idle.set()
        assert sent.wait(10)  # the late bytes must have left: that is what is tried
        assert ask(wire) == {"page": 2}
        assert server.connections == 2


def test_a_connection_that_the_server_dropped_meanwhile_is_opened_anew() -> None:
    with Toxic(close_after(http(PAGE)), http(PAGE)) as server, wired(server.url) as wire:
        assert ask(wire) == ask(wire) == {"page": 1}
        assert server.connections == 2


@pytest.mark.skipif(OPENSSL is None, reason="makes its certificate with the openssl command, which is not here")
def test_a_certificate_that_nobody_vouches_for_means_not_sent_whatever_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert OPENSSL
    tls = self_signed(tmp_path, OPENSSL)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "cert.pem"))
    monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")
    with Toxic(http(PAGE), tls=tls) as server, wired(server.url) as wire:
        for call in (GET, POST):
            with pytest.raises(NotSent, match=r"certificate is not trusted \(self.signed certificate"):
                ask(wire, call)
        assert server.asked == []
    trusting = ssl.create_default_context(cafile=tmp_path / "cert.pem")
    with (
        Toxic(http(PAGE), tls=tls) as server,  # the server itself is sound: who trusts it is served
        socket.create_connection(("127.0.0.1", server.port)) as made,
        trusting.wrap_socket(made, server_hostname="127.0.0.1") as spoken,
    ):
        assert spoken.version() in ("TLSv1.2", "TLSv1.3")


def test_a_wire_has_no_switch_for_the_verification() -> None:
    assert set(inspect.signature(Wire).parameters) == {
        *("base_url", "pace", "transport", "clock", "jitter", "deadline", "patience", "tally")
    }


def test_https_to_a_server_that_speaks_http_means_not_sent() -> None:
    with (
        Toxic(http(PAGE)) as server,
        wired(f"https://127.0.0.1:{server.port}", deadline=0.2) as wire,
        pytest.raises(NotSent),
    ):
        ask(wire, POST)


def test_proxies_and_netrc_of_the_environment_have_no_effect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password pw-000\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    with Toxic(http(b'{"from": "proxy"}')) as proxy, Toxic(http(PAGE)) as server:
        for name in PROXIES:
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        with wired(server.url) as wire:
            assert ask(wire) == {"page": 1}
        assert proxy.connections == 0
        assert b"authorization" not in server.asked[0].lower()


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("@other.example.test/x", "other.example.test"),
        (".other.example.test/x", "127.0.0.1.other.example.test"),
        ("1/x", "127.0.0.11"),
        (":9/x", ""),
        ("0/x", ":"),
        ("\x00/x", ""),
        ("[/x", ""),
    ],
)
def test_no_path_leads_to_another_host_or_port(path: str, shown: str) -> None:
    with Toxic(http(PAGE)) as server:
        base = server.url if path != "1/x" and not path.startswith(".") else "http://127.0.0.1"
        with wired(base) as wire, pytest.raises(VendorError) as raised:
            ask(wire, Call("GET", path, headers={"Authorization": "Bearer tok-000"}))
        assert isinstance(raised.value, Denied)
        assert shown in str(raised.value)
        assert server.connections == 0


@pytest.mark.parametrize("path", ["//other.example.test/x", "/http://other.example.test", "/../x", "/x?y=//z", "/部"])
def test_a_path_that_only_looks_like_an_address_stays_with_its_host(path: str) -> None:
    with Toxic(http(PAGE)) as server, wired(server.url) as wire:
        assert ask(wire, Call("GET", path)) == {"page": 1}
        assert f"host: 127.0.0.1:{server.port}".encode() in server.asked[0].lower()


def test_credentials_in_the_address_are_refused_and_not_shown() -> None:
    with Toxic(http(PAGE)) as server, wired(f"http://user:pw-000@127.0.0.1:{server.port}") as wire:
        with pytest.raises(Denied) as raised:
            ask(wire)
        assert "pw-000" not in str(raised.value)
        assert server.asked == []
