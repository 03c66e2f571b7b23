"""No test reaches a network: every connection but loopback's is refused, in whatever library it starts."""

import gc
import ipaddress
import socket
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Self

import duckdb
import pytest

LAWS = ("tests.contract", "tests.contract_reading", "tests.contract_writing")
pytest.register_assert_rewrite(*LAWS)  # no test modules by name, but their asserts are what fails

REAL_CONNECT = socket.socket.connect
REAL_CONNECT_EX = socket.socket.connect_ex
REAL_GETADDRINFO = socket.getaddrinfo


class NetworkReached(RuntimeError):
    """A test tried to reach the network. No ``OSError``: an adapter would take that for a vendor that is down."""


def on_loopback(address: object) -> bool:
    """Whether a socket's address (or the host in it) is this machine: loopback, or a Unix socket's path."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


def _check(address: object) -> None:
    if not on_loopback(address):
        raise NetworkReached(f"tests reach no network but loopback, and this one asked for {address!r}")


def _connect(self: socket.socket, address: Any) -> None:
    _check(address)
    REAL_CONNECT(self, address)


def _connect_ex(self: socket.socket, address: Any) -> int:
    _check(address)
    return REAL_CONNECT_EX(self, address)


def _getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
    if host:
        _check((host.decode() if isinstance(host, bytes) else host,))
    return REAL_GETADDRINFO(host, *args, **kwargs)


@pytest.fixture(scope="session", autouse=True)
def _seldom_collected() -> None:
    """Half a million lasting objects need not be looked through for garbage all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def _one_thread_a_query() -> Iterator[None]:
    """Ten rows need no pool of DuckDB's threads: without it 27 tests of whole commands took 80 s of CPU, not 92."""
    real = duckdb.connect
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duckdb, "connect", lambda *args, **told: _single(real(*args, **told)))
        yield


class Remembering:
    """A connection that parses a statement once a worker, not once a run: a seventh of what small commands take."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *fault: object) -> None:
        self._db.close()

    def cursor(self) -> "Remembering":
        """Another connection to the same database."""
        return Remembering(self._db.cursor())

    def execute(self, sql: str | duckdb.Statement, *values: Any) -> Self:
        """Run it."""
        self._db.execute(_parsed(sql) if isinstance(sql, str) else sql, *values)
        return self


@lru_cache(5_000)
def _parsed(sql: str) -> str | duckdb.Statement:
    """One statement, parsed; several as they are written: values are bound to the last."""
    found = duckdb.extract_statements(sql)
    return found[0] if len(found) == 1 else sql


def _single(db: duckdb.DuckDBPyConnection) -> Any:
    db.execute("SET threads = 1")
    return Remembering(db)


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """For the whole session, so that fixtures of any scope are behind it too. Subprocesses are not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _connect)
        patch.setattr(socket.socket, "connect_ex", _connect_ex)
        patch.setattr(socket, "getaddrinfo", _getaddrinfo)
        yield


@pytest.fixture
def no_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even loopback: what is replayed needs no server."""

    def refuse(_self: socket.socket, address: object) -> None:
        raise NetworkReached(f"a replay needs no connection, and this one asked for {address!r}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
