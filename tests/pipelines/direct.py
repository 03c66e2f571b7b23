"""The way to sandboxes that are served in this process, without a socket and a server's thread to wait for."""

import httpx

from sources.transport import Network
from sources.twin import TwinServer, system_now


class Direct(httpx.BaseTransport):
    """Hands requests to ``server`` while it serves; whatever is for another address goes over the network."""

    def __init__(self, server: TwinServer, deadline: float) -> None:
        self._server = server
        self._network = Network(deadline)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as a client of the served sandbox sees it: one that failed has hung up."""
        if not self._server.serves(str(request.url)):
            return self._network.handle_request(request)
        headers = {key.lower(): value for key, value in request.headers.items()}
        target = request.url.raw_path.decode()
        try:
            reply = self._server.dispatch(request.method, target, headers, request.read()).dated(system_now)
        except Exception as fault:
            raise httpx.RemoteProtocolError("hung up without an answer", request=request) from fault
        return httpx.Response(reply.status, headers=dict(reply.headers), content=reply.body)

    def close(self) -> None:
        """Close the way over the network."""
        self._network.close()
