import socket

import httpx
import pytest

from mappings.card import Pace
from sources.http import Wire
from sources.message import Call
from tests.clock import FakeClock
from tests.conftest import NetworkReached


@pytest.mark.parametrize("address", [("192.0.2.1", 443), ("2001:db8::1", 443, 0, 0), ("spaces.example.test", 443)])
def test_a_connection_to_anywhere_but_loopback_is_refused(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as made, pytest.raises(NetworkReached):
        made.connect(address)
    with socket.socket(family) as made, pytest.raises(NetworkReached):
        made.connect_ex(address)


def test_no_name_is_looked_up() -> None:
    with pytest.raises(NetworkReached, match=r"vendor\.example\.test"):
        socket.create_connection(("vendor.example.test", 443), timeout=1)


def test_an_adapter_does_not_take_the_refusal_for_a_vendor_that_is_down() -> None:
    wire = Wire("http://192.0.2.1", Pace(), transport=httpx.HTTPTransport(trust_env=False), clock=FakeClock())
    with pytest.raises(NetworkReached):
        wire.exchange(Call("GET", "/"), lambda _reply: None)
    wire.close()


def test_loopback_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as made:
        assert made.getpeername() == server.getsockname()
