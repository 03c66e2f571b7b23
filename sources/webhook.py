"""Posts one JSON document to a webhook: no redirect is followed, TLS is verified, and the time is bounded."""

import httpx

from sources.secret import Secret
from sources.transport import Network, SameOrigin, plain


class NotTaken(Exception):
    """The webhook did not take it. The text names neither the address nor a secret."""


def post(address: Secret, body: bytes, *, seconds: float, header: tuple[str, Secret] | None = None) -> None:
    """Post JSON, with a header that holds a secret where there is one. Raises ``NotTaken``."""
    told = {"Content-Type": "application/json", "User-Agent": "orgweave"}
    if header is not None:
        told[header[0]] = header[1].reveal()
    url = address.reveal()
    try:
        with httpx.Client(transport=SameOrigin(url, Network(seconds)), trust_env=False, timeout=seconds) as client:
            answer = client.post(url, content=body, headers=told, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        raise NotTaken(f"the webhook was not reached: {plain(fault).replace(url, '***')}") from None
    if not answer.is_success:
        raise NotTaken(f"the webhook answered with HTTP {answer.status_code}")
