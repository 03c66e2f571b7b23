"""Answers without measure: every request ends at its deadline, and none fills the memory."""

import gzip
import socket
import time
import tracemalloc
from collections.abc import Callable
from random import Random

import pytest

from sources.errors import Unavailable, Unknown
from sources.http import ATTEMPTS
from sources.message import Call
from sources.transport import HEADERS
from tests.faults.toxic import POST, Answer, Toxic, ask, drip, flood, hang, http, packed, wired

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

DRIPS: dict[str, Answer] = {
    "in the status line": drip(b"", b"H"),
    "in the headers": drip(HEAD, b"X-A: b\r\n"),
    "in one header": drip(HEAD + b"X-A: ", b"b"),
    "in answers that are none yet": drip(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    "in the body": drip(HEAD + b"Content-Length: 9000\r\n\r\n", b" "),
    "in the chunks": drip(CHUNKED, b"1\r\n \r\n"),
    "nothing at all": hang,
}


@pytest.mark.parametrize("answer", DRIPS.values(), ids=DRIPS.keys())
def test_a_request_ends_at_its_deadline_however_the_answer_drips(answer: Answer) -> None:
    started = time.monotonic()
    with Toxic(answer) as server, wired(server.url, deadline=0.15) as wire:
        with pytest.raises(Unavailable):
            ask(wire)
        with pytest.raises(Unknown):
            ask(wire, POST)
    assert len(server.asked) == ATTEMPTS + 1
    assert time.monotonic() - started < 2.5


def test_a_server_that_does_not_take_the_request_ends_it_at_the_deadline_as_unknown() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        started = time.monotonic()
        call = Call("POST", "/x", body={"name": "x" * 20_000_000})
        with wired(f"http://127.0.0.1:{deaf.getsockname()[1]}", deadline=0.3) as wire, pytest.raises(Unknown):
            ask(wire, call)
        assert time.monotonic() - started < 2


def test_a_call_gives_up_when_its_patience_is_over_and_not_only_after_its_attempts() -> None:
    with Toxic(hang) as server, wired(server.url, deadline=0.3, patience=0.5) as wire, pytest.raises(Unavailable):
        ask(wire)
    assert len(server.asked) == 1


def tricky(size: int) -> bytes:
    """Bytes that gzip shrinks about a hundredfold: below the ratio, above the size."""
    noise = Random(7).randbytes(512)  # noqa: S311 - no secret
    return (noise + b"\0" * 65_000) * (size // 65_512)


SWOLLEN: dict[str, Callable[[], Answer]] = {
    "a gzip bomb": lambda: packed(b"\0" * 150_000_000),
    "a bomb below the ratio": lambda: packed(tricky(80_000_000)),
    "an endless body": lambda: flood(HEAD + b"\r\n", b" " * 2**16),
    "endless chunks": lambda: flood(CHUNKED, b"10000\r\n" + b" " * 2**16 + b"\r\n"),
    "an endless bomb": lambda: flood(HEAD + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"\0" * 2**22)),
    "a length beyond all measure": lambda: http(b"", f"Content-Length: {10**30}", length=-1),
    "endless headers": lambda: flood(HEAD, b"X-A: b\r\n" * 100),
    "one endless header": lambda: flood(HEAD + b"X-A: ", b"b" * 4096),
    "many headers": lambda: http(b"{}", *[f"X-{number}: 1" for number in range(HEADERS + 1)]),
}


@pytest.mark.parametrize("make", SWOLLEN.values(), ids=SWOLLEN.keys())
def test_an_answer_without_measure_is_stopped_early_and_fills_no_memory(make: Callable[[], Answer]) -> None:
    answer = make()
    started = time.monotonic()
    with Toxic(answer) as server, wired(server.url, patience=0) as wire:
        tracemalloc.start()
        try:
            with pytest.raises(Unavailable):
                ask(wire)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 100 * 2**20
    assert time.monotonic() - started < 3
