"""Where a Udesk connection's token comes from: the secrets, or one log-in with e-mail and password.

Source: Udesk's page "intro"; what it leaves open is told in README.md.
"""

import threading
from collections.abc import Mapping
from typing import Protocol

from sources.errors import Denied, Gone, NotSent, Rejected, Throttled, Unavailable, Unknown, VendorError
from sources.http import Wire
from sources.message import Call, Reply
from sources.secret import Scrubber, Secret
from sources.udesk.answers import accept

LOG_IN_PATH = "/open_api_v1/log_in"
FIELDS = ("open_api_auth_token", "open_api_token")  # what clients in use read; one hand-written note has the second
LONGEST = 300  # characters of an error; cut after scrubbing, or half a secret could stay
ONCE = "It is not tried again in this run"


class Token(Protocol):
    """The token that calls are signed with."""

    def get(self) -> Secret:
        """The token. Raises ``Denied``, ``Throttled`` or ``NotSent`` where it cannot be had."""


class GivenToken:
    """A token that a person put into the secrets."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def get(self) -> Secret:
        """The token as given."""
        return self._token


class LogIn:
    """Logs in when the token is first asked for, once a run; the one call that is not signed.

    A refused log-in is remembered: tried again and again, it would lock the account. So is one without a usable answer,
    since no document says whether a log-in replaces the token. No other call's refusal leads to another log-in.
    """

    def __init__(self, wire: Wire, email: Secret, password: Secret, scrubber: Scrubber) -> None:
        self._wire = wire
        self._email = email
        self._password = password
        self._scrubber = scrubber
        scrubber.learn(email, password)
        self._lock = threading.Lock()
        self._token: Secret | None = None
        self._over: str | None = None

    def get(self) -> Secret:
        """The token, fetched at the first call."""
        with self._lock:
            if self._over:
                raise Denied(self._over)
            self._token = self._token or self._log_in()
            return self._token

    def _log_in(self) -> Secret:
        found: list[Secret] = []

        def judge(reply: Reply) -> None:
            found.append(self._token_in(reply))

        body = {"email": self._email.reveal(), "password": self._password.reveal()}
        try:
            self._wire.exchange(Call("POST", LOG_IN_PATH, body=body), judge)
        except (Gone, Rejected) as fault:
            self._over = f"the log-in was refused: check email and password ({self._clean(fault)}). {ONCE}"
            raise Denied(self._over, credentials=False) from None
        except Denied as fault:
            self._over = f"could not log in: {self._clean(fault)}. {ONCE}"
            raise Denied(self._over, credentials=fault.credentials) from None
        except Unknown as fault:
            self._over = f"the log-in had no usable answer: {self._clean(fault)}. {ONCE}"
            raise NotSent(self._over) from None  # the call that needs the token was not
        except (NotSent, Throttled) as fault:  # it never got to the password
            fault.args = (self._clean(fault),)
            raise
        return found[-1]

    def _clean(self, fault: VendorError) -> str:
        return self._scrubber.clean(str(fault))[:LONGEST]

    def _token_in(self, reply: Reply) -> Secret:
        try:
            body: Mapping[str, object] = accept(reply, self._wire.clock.now())
        except Throttled as fault:
            if reply.status == 429:
                raise
            raise Rejected(str(fault)) from None  # "too many" may mean wrong passwords: not a call to send again
        text = next((text for key in FIELDS if isinstance(text := body.get(key), str) and text), None)
        if text is None or not text.isprintable():
            raise Unavailable("a success without a token")
        token = Secret(text)
        self._scrubber.learn(token)
        return token


def token_of(secrets: Mapping[str, Secret], wire: Wire, scrubber: Scrubber) -> Token:
    """Where the token comes from with these secrets: ``open_api_token`` itself, or ``email`` and ``password``."""
    if "open_api_token" in secrets:
        return GivenToken(secrets["open_api_token"])
    return LogIn(wire, secrets["email"], secrets["password"], scrubber)
