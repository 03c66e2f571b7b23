"""How the calls of a Nexudus connection are let in: by a token, or by HTTP Basic.

Source: shared notes, vendors/nexudus.md, section 5. A 401 means wrong credentials or a missing role alike.
"""

import base64
import threading
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Protocol

from sources.errors import Denied, Gone, NotSent, Rejected, Throttled
from sources.http import Bearer, Judge, Wire
from sources.message import Call
from sources.nexudus.auth import GivenToken, Login, Tokens
from sources.nexudus.judge import Unauthorized
from sources.nexudus.settings import BASIC
from sources.secret import Scrubber, Secret
from sources.vendor import Connection

GIVEN_UP = "Nothing more is sent with them in this run"


class Access(Protocol):
    """Sends a call with the connection's credentials. Raises what the wire and ``judge`` raise, and ``Denied``."""

    def exchange(self, call: Call, judge: Judge) -> None:
        """Send a call, as often as is safe, until ``judge`` accepts the reply."""


@dataclass(frozen=True, slots=True)
class Basic:
    """Signs a call with the name and password themselves."""

    proof: Secret

    @classmethod
    def of(cls, username: Secret, password: Secret) -> "Basic":
        """The proof is ``name:password`` in UTF-8, in base64."""
        return cls(Secret(base64.b64encode(f"{username.reveal()}:{password.reveal()}".encode()).decode()))

    def sign(self, call: Call) -> Call:
        """The call with its ``Authorization`` header."""
        return replace(call, headers={**call.headers, "Authorization": f"Basic {self.proof.reveal()}"})


class ByToken:
    """Lets a call in by a bearer token; one that was refused is renewed once, where that is possible."""

    def __init__(self, wire: Wire, tokens: Tokens) -> None:
        self._wire = wire
        self._tokens = tokens

    def exchange(self, call: Call, judge: Judge) -> None:
        """Send a call, a second time with another token where the first one was refused."""
        token = self._tokens.token()
        try:
            self._wire.exchange(call, judge, Bearer(token))
        except Unauthorized as refusal:
            fresh = self._tokens.renew(token)
            if fresh is None:  # a token of long ago may have worn out again
                refusal.credentials = self._tokens.proven
                raise
        else:
            return
        try:
            self._wire.exchange(call, judge, Bearer(fresh))
        except Unauthorized as refusal:
            refusal.settle(credentials=self._tokens.proven)
            raise


class ByPassword:
    """Lets a call in by HTTP Basic. A wrong password is told once, and the account is not locked by trying it again.

    Until the vendor let one call in, calls go one at a time. Where the first is refused (401), one sign-in tells a
    wrong password from a missing role: a password that is wrong, or whose sign-in said nothing, is not sent again.
    """

    def __init__(self, wire: Wire, username: Secret, password: Secret, scrubber: Scrubber) -> None:
        self._wire = wire
        self._basic = Basic.of(username, password)
        scrubber.learn(self._basic.proof)
        self._login = Login(wire, username, password, scrubber)
        self._first = threading.Lock()
        self._let_in = False
        self._refused: str | None = None
        if ":" in username.reveal():
            self._refused = 'basic authentication cannot carry a username with a colon: set auth = "token"'

    def exchange(self, call: Call, judge: Judge) -> None:
        """Send a call with the name and password."""
        with self._first if not self._let_in else nullcontext():
            if not self._let_in:
                self._knock(call, judge)
                return
        self._wire.exchange(call, judge, self._basic)

    def _knock(self, call: Call, judge: Judge) -> None:
        if self._refused:
            raise Denied(self._refused)
        try:
            self._wire.exchange(call, judge, self._basic)
        except Unauthorized as refusal:
            self._find_out(refusal)
            refusal.settle(credentials=True)
            raise
        except (Gone, Rejected):  # the vendor looked beyond the credentials
            self._let_in = True
            raise
        self._let_in = True

    def _find_out(self, refusal: Unauthorized) -> None:
        """Return where the password is right, and thus a role missing. Raises ``Denied`` where it is wrong."""
        try:
            self._login.token()
        except Denied as fault:
            self._refused = f"Nexudus does not accept the username and password: HTTP 401, and {fault}. {GIVEN_UP}"
            raise Denied(self._refused, credentials=fault.credentials) from None
        except (NotSent, Throttled):
            self._refused = f"{refusal}. {GIVEN_UP}"
            raise Denied(self._refused) from None
        self._let_in = True


def access(connection: Connection, wire: Wire, scrubber: Scrubber) -> Access:
    """The access that the connection's option ``auth`` and its secrets give."""
    secrets = connection.secrets
    if connection.options.get("auth") == BASIC:
        return ByPassword(wire, secrets["username"], secrets["password"], scrubber)
    if "token" in secrets:
        return ByToken(wire, GivenToken(secrets["token"]))
    return ByToken(wire, Login(wire, secrets["username"], secrets["password"], scrubber))
