"""The sign-in desk of the Nexudus sandbox (shared notes: vendors/nexudus.md, section 5)."""

import base64
import uuid
from collections.abc import Mapping
from urllib.parse import parse_qs

from sources.nexudus.sandbox_records import NAMESPACE
from sources.twin import TwinReply, TwinRequest

LIFE = 604_799  # seconds, as the vendor's page prints it; the sandbox's tokens do not age, ``expire`` ends them


class Desk:
    """Bearer tokens: one given, others fetched with a password or a refresh token.

    Refresh tokens are used once and belong to the ``client_id`` header (the user's name where none was sent); a new
    sign-in with the same ``client_id`` kills the one before.
    """

    def __init__(self, token: str | None, username: str | None, password: str | None, refused_status: int) -> None:
        self._user = (username, password)
        self._refused_status = refused_status
        self._given = token
        self._issued: set[str] = set()
        self._refresh: dict[str, str] = {}
        self._count = 0
        self.grants: list[str] = []

    def admits(self, request: TwinRequest) -> bool:
        """Whether a request's ``Authorization`` header is good: a bearer token, or HTTP basic."""
        scheme, _, proof = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic" and self._user[0] is not None:
            return proof == base64.b64encode(":".join(map(str, self._user)).encode()).decode()
        return scheme.lower() == "bearer" and (proof in self._issued or (proof == self._given and bool(proof)))

    def expire(self) -> None:
        """End every access token that was fetched; refresh tokens live on."""
        self._issued.clear()

    def answer(self, request: TwinRequest) -> TwinReply:
        """Answer ``POST /api/token``; only form fields count, a JSON body has no grant type."""
        form: Mapping[str, list[str]] = {}
        if "x-www-form-urlencoded" in request.headers.get("content-type", ""):
            form = parse_qs(request.body.decode(), keep_blank_values=True)
        fields = {key: values[0] for key, values in form.items()}
        grant = fields.get("grant_type", "")
        self.grants.append(grant)
        client = request.headers.get("client_id") or str(self._user[0])
        if grant == "password":
            sent = (fields.get("username"), fields.get("password"))
            return self._issue(client) if sent == self._user and None not in sent else self._refuse("invalid_grant")
        if grant == "refresh_token":
            held = self._refresh.pop(client, None)
            good = held is not None and fields.get("refresh_token") == held
            return self._issue(client) if good else self._refuse("invalid_grant", 400)
        return self._refuse("unsupported_grant_type", 400)

    def _refuse(self, code: str, status: int | None = None) -> TwinReply:
        return TwinReply.of(status or self._refused_status, {"error": code, "error_description": "refused"})

    def _issue(self, client: str) -> TwinReply:
        self._count += 1
        access, refresh = (f"tok-{part}-{uuid.uuid5(NAMESPACE, f'{part} {self._count}')}" for part in ("acc", "ref"))
        self._issued.add(access)
        self._refresh[client] = refresh
        return TwinReply.of(
            200, {"access_token": access, "token_type": "bearer", "expires_in": LIFE, "refresh_token": refresh}
        )
