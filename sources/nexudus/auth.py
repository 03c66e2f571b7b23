"""How a Nexudus connection proves itself: a token as given, or one fetched with a user's name and password.

Source: shared notes, vendors/nexudus.md, section 5. The token endpoint takes form fields only, and a sign-in kills the
refresh token that the same ``client_id`` held before: every client therefore has one of its own.
"""

import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sources.errors import Denied, NotSent, Throttled, Unavailable, Unknown
from sources.http import Wire
from sources.message import Call, Reply
from sources.secret import Scrubber, Secret

SIGN_INS = 2  # a run
TOKEN_PATH = "/api/token"  # noqa: S105 - a path


class AnswerLost(NotSent):
    """The call was not sent, since the sign-in that it needs had no usable answer."""


class Tokens(Protocol):
    """Where access tokens come from."""

    @property
    def proven(self) -> bool | None:
        """Whether the credentials are right, where the tokens that came of them prove it."""

    def token(self) -> Secret:
        """The access token. Raises ``Denied``, ``Throttled`` or ``NotSent`` when it cannot be had."""

    def renew(self, used: Secret) -> Secret | None:
        """Another token in place of one that was refused with 401, or None when there is none to be had."""


@dataclass(frozen=True, slots=True)
class GivenToken:
    """A token that a person put into the secrets; it cannot be renewed."""

    given: Secret

    @property
    def proven(self) -> None:
        """Nobody has looked at it yet."""

    def token(self) -> Secret:
        """The token as given."""
        return self.given

    def renew(self, used: Secret) -> None:
        """Nothing to renew it with."""


class Login:
    """Signs in with a name and password when the first token is asked for; renews it once, by its refresh token.

    A missing role is a 401 too, so a run renews once and never in a loop. Where the refresh token is refused or its
    answer lost, one new sign-in stands in for it. More than ``SIGN_INS`` never reach the vendor, and a refused one is
    remembered: tried again and again, they would lock the user out.
    """

    @property
    def proven(self) -> bool | None:
        """They are, once there is a token."""
        return True if self._access else None

    def __init__(self, wire: Wire, username: Secret, password: Secret, scrubber: Scrubber) -> None:
        self._wire = wire
        self._username = username
        self._password = password
        self._scrubber = scrubber
        self._client_id = str(uuid.uuid4())
        self._lock = threading.Lock()
        self._access: Secret | None = None
        self._refresh: Secret | None = None
        self._renewed = False
        self._sign_ins = 0
        self._refused: str | None = None

    def token(self) -> Secret:
        """The access token, fetched at the first call."""
        with self._lock:
            return self._access or self._sign_in()

    def renew(self, used: Secret) -> Secret | None:
        """A token newer than ``used``: another thread's, or one from the only renewal of this run."""
        with self._lock:
            if self._access != used:
                return self._access
            if self._renewed:
                return None
            self._renewed = True
            refresh, self._refresh = self._refresh, None  # single use
            try:
                if refresh is not None:
                    form = {"grant_type": "refresh_token", "refresh_token": refresh.reveal()}
                    self._access, _ = self._grant(form)
                    return self._access
            except (Denied, NotSent):  # refused, or its answer was lost and the token with it
                pass
            return self._sign_in() if self._sign_ins < SIGN_INS else None

    def _sign_in(self) -> Secret:
        if self._refused:
            raise Denied(self._refused)
        if self._sign_ins >= SIGN_INS:
            raise Denied(f"signed in {SIGN_INS} times without a usable answer: not tried again in this run")
        self._sign_ins += 1
        fields = {"username": self._username.reveal(), "password": self._password.reveal()}
        try:
            self._access, self._refresh = self._grant({"grant_type": "password", **fields})
        except Denied as refusal:
            self._refused = str(refusal)
            raise
        except (NotSent, Throttled) as fault:
            self._sign_ins -= not isinstance(fault, AnswerLost)  # it never got to the password
            raise
        return self._access

    def _grant(self, form: Mapping[str, str]) -> tuple[Secret, Secret | None]:
        """Ask for tokens: (access, refresh). A lost answer harms nothing: the call that needs it was not sent."""
        call = Call("POST", TOKEN_PATH, headers={"client_id": self._client_id}, body=form, form=True)
        try:
            reply = self._wire.exchange(call, _judge_token)
        except Unknown as fault:
            raise AnswerLost(f"could not sign in: {self._scrubber.clean(str(fault))}") from None
        answer = reply.json()
        tokens = [Secret(answer[key]) for key in ("access_token", "refresh_token") if _is_text(answer.get(key))]
        self._scrubber.learn(*tokens)
        return tokens[0], tokens[1] if len(tokens) > 1 else None


def _judge_token(reply: Reply) -> None:
    if reply.status in (409, 429):
        raise Throttled(f"sign-in throttled (HTTP {reply.status})", reply.retry_after())
    if 400 <= reply.status < 500:
        text = f"sign-in was refused (HTTP {reply.status}): {_reason(reply)}; check username and password"
        raise Denied(text, credentials=False)
    if not 200 <= reply.status < 300:
        raise Unavailable(f"HTTP {reply.status} for POST {TOKEN_PATH}")
    if not _is_text(_object(reply).get("access_token")):
        raise Unavailable("the sign-in's answer holds no access token")


def _object(reply: Reply) -> Mapping[str, object]:
    """The answer's object, empty when it is none. Nothing of the body may reach an error: it holds the token."""
    try:
        answer = reply.json()
    except Unavailable:
        return {}
    return answer if isinstance(answer, dict) else {}


def _reason(reply: Reply) -> str:
    code = _object(reply).get("error")
    return code if isinstance(code, str) and code.isidentifier() else "no reason given"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
