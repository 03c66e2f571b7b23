"""The last layers before the socket: one origin, one deadline for the whole request, verified TLS, bounded answers.

httpx's own time-out is per read, so that a server which drips keeps a request open for ever; its decoders unfold a
whole chunk, however large; and an answer that was left over on a kept connection would be taken for the next one's.
"""

import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpcore
import httpx

from sources.errors import Denied, Unavailable

SILENCE = 30.0  # seconds without a byte
CONNECT = 10.0  # seconds to reach one address, and for the TLS handshake
WIRE_BYTES = 16 * 2**20  # a body on the wire larger than this is refused
BYTES = 64 * 2**20  # the same, unpacked
RATIO = 200  # how far a body may unfold; pages of real records stay below 50
FREE = 2**20  # unpacked bytes below which the ratio does not matter
STEP = 2**18  # bytes unpacked at once
HEADERS = 200
HEADER_BYTES = 64 * 2**10


class SameOrigin(httpx.BaseTransport):
    """Nothing leaves for another scheme, host or port than the configured one, nor with credentials in the address."""

    def __init__(self, base_url: str, inner: httpx.BaseTransport) -> None:
        url = httpx.URL(base_url)
        self._origin = (url.scheme, url.host, url.port)
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send, or refuse with ``Denied``."""
        asked = (request.url.scheme, request.url.host, request.url.port)
        if asked != self._origin or request.url.userinfo:
            scheme, host, port = self._origin
            where = f"{request.url.scheme}://{request.url.host}" + (f":{asked[2]}" if asked[2] else "")
            ours = f"{scheme}://{host}" + (f":{port}" if port else "")
            raise Denied(f"refused to send to {where}: the connection's own address is {ours}, without credentials")
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Close the inner transport."""
        self._inner.close()


class Nowhere(httpx.BaseTransport):
    """The way to a vendor that has no address: nothing leaves."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Refuse with ``Denied``."""
        raise Denied(f"refused to send {request.method}: the connection has no address")


class Network(httpx.HTTPTransport):
    """Real sockets. A request, its answer's body included, takes ``deadline`` seconds at most.

    TLS is always verified, by the certificates that httpx brings; nothing is taken from the environment. The time that
    a resolver needs for a name is its own (Python cannot bound it).
    """

    def __init__(self, deadline: float) -> None:
        context = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False)
        self._deadline = deadline
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=5.0,
            network_backend=_Dial(),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send. Raises httpx's errors; a request over its deadline is a ``httpx.ReadTimeout``."""
        end = time.monotonic() + self._deadline  # a moment where others hand down a span: ``_Line`` counts down to it
        request.extensions["timeout"] = {"connect": end, "read": end, "write": end, "pool": self._deadline}
        answer = super().handle_request(request)
        line = answer.extensions.get("network_stream")
        if isinstance(line, _Line) and not line.heard:
            answer.close()
            raise httpx.RemoteProtocolError("the answer was there before the request: it belongs to another one")
        return answer


class _Line(httpcore.NetworkStream):
    """A connection that counts down to a moment. ``heard``: whether anything came since the last bytes were sent."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner
        self.heard = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read until ``timeout``, a moment."""
        left = _left(timeout, httpcore.ReadTimeout)
        try:
            data = self._inner.read(max_bytes, left)
        except httpcore.ReadTimeout as fault:
            raise httpcore.ReadTimeout(f"no byte in {left:.1f} s") from fault
        self.heard = True
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write until ``timeout``, a moment; in pieces, since the inner one counts anew after every part it sends."""
        self.heard = False
        for start in range(0, len(buffer), STEP):
            self._inner.write(buffer[start : start + STEP], _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Speak TLS from now on."""
        left = min(_left(timeout, httpcore.ConnectTimeout), CONNECT)
        return _Line(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        """What the inner connection knows."""
        return self._inner.get_extra_info(info)


class _Dial(httpcore.NetworkBackend):
    """Opens connections that count down to a moment."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Open a connection."""
        left = min(_left(timeout, httpcore.ConnectTimeout), CONNECT)
        return _Line(self._inner.connect_tcp(host, port, left, local_address, socket_options))


def _left(moment: float | None, over: Callable[[str], Exception]) -> float:
    left = SILENCE if moment is None else moment - time.monotonic()
    if left <= 0:
        raise over("the time for the whole request is over")
    return min(left, SILENCE)


def check_headers(answer: httpx.Response) -> None:
    """Raise ``Unavailable`` for more headers than any vendor sends, or a body that says itself that it is too large."""
    raw = answer.headers.raw
    if len(raw) > HEADERS or sum(len(name) + len(value) for name, value in raw) > HEADER_BYTES:
        raise Unavailable(f"the answer has {len(raw)} headers, too many or too long ones")
    length = answer.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > WIRE_BYTES:
        raise Unavailable(f"the answer says that it is larger than {WIRE_BYTES // 2**20} MiB")


def body_of(answer: httpx.Response) -> bytes:
    """The body, unpacked. Raises ``Unavailable`` when it is too large in any measure, or packed in another way."""
    if answer.is_stream_consumed:  # an answer that never was on a wire: a sandbox's or a cassette's
        return answer.content
    packing = answer.headers.get("content-encoding", "").strip().lower()
    wire = _counted(answer.iter_raw())
    if packing in ("", "identity"):
        return b"".join(wire)
    if packing not in ("gzip", "x-gzip"):
        raise Unavailable(f"the answer is packed as {packing[:20]!r}, which was not asked for")
    return _unpacked(wire)


def _counted(parts: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for part in parts:
        size += len(part)
        if size > WIRE_BYTES:
            raise Unavailable(f"the answer is larger than {WIRE_BYTES // 2**20} MiB")
        yield part


def _unpacked(parts: Iterable[bytes]) -> bytes:
    """The content of one whole gzip stream, unpacked in steps: a small bomb never unfolds in memory."""
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    found, packed = bytearray(), 0
    try:
        for part in parts:
            if inflater.eof:
                raise Unavailable("something follows the answer's gzip stream")
            packed += len(part)
            rest = part
            while rest and not inflater.eof:  # zlib leaves its last ``unconsumed_tail`` standing after the end
                found += inflater.decompress(rest, STEP)
                _check_size(len(found), packed)
                rest = inflater.unconsumed_tail
        found += inflater.flush()  # at most the end of one repetition: everything that came is consumed
    except zlib.error as fault:
        raise Unavailable(f"the answer is no gzip, though it says so: {fault}") from fault
    if not inflater.eof or inflater.unused_data:
        raise Unavailable("the answer's gzip stream is cut, or something follows it")
    return bytes(found)


def _check_size(size: int, packed: int) -> None:
    if size > BYTES:
        raise Unavailable(f"the answer is larger than {BYTES // 2**20} MiB once unpacked")
    if size > FREE and size > RATIO * packed:
        raise Unavailable(f"the answer unfolds to more than {RATIO} times its size")


def plain(fault: Exception) -> str:
    """A connection's fault in words."""
    text = str(fault) or type(fault).__name__
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return f"its TLS certificate is not trusted ({text.partition('certificate verify failed: ')[2] or text})"
    return text
