"""What can go wrong with a vendor, each named by what the caller does next."""

from datetime import datetime


class BrokenVendor(Exception):
    """A vendor that an installed distribution brings cannot be used: names the distribution, and what to do."""


class VendorError(Exception):
    """A vendor's call did not end well. Its text never holds a URL's query, a header or a body with a secret."""


class Retry(VendorError):
    """Try again later: after ``after`` seconds where the vendor named them.

    ``executed`` tells whether the request may have taken effect: False only where that is certain.
    """

    executed = True

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class NotSent(Retry):
    """The request provably never left: no address, connection refused, TLS failed. Any verb may be sent again."""

    executed = False


class Throttled(Retry):
    """The vendor refused the request for its pace, before doing anything. Any verb may be sent again."""

    executed = False


class Unavailable(Retry):
    """No usable answer: timeout, reset, 5xx, a body that is not what was asked for. A write may have taken effect."""


class Exhausted(VendorError):
    """The day's budget of writes is used up, by our own count: nothing was sent. ``again``: when the next may leave."""

    def __init__(self, message: str, again: datetime | None = None) -> None:
        super().__init__(message)
        self.again = again


class Unknown(VendorError):
    """A write without a usable answer: it may have taken effect. Settled by looking, never by sending again."""


class Rejected(VendorError):
    """The vendor understood and refused, in its own error form. ``rule`` is a stable code for the plan and the report.

    ``field`` names the canonical or vendor field at fault where the vendor says.
    """

    def __init__(self, message: str, *, rule: str = "vendor_rejected", field: str | None = None) -> None:
        super().__init__(message)
        self.rule = rule
        self.field = field


class Denied(VendorError):
    """Credentials, permission or clock: nothing of this connection can go on until a person mends it.

    ``credentials``: whether the vendor took them; None where its answer does not tell. ``role``: what their user lacks
    (or, where ``credentials`` is None, may lack), in the vendor's words.
    """

    def __init__(self, message: str, *, credentials: bool | None = None, role: str | None = None) -> None:
        super().__init__(message)
        self.credentials = credentials
        self.role = role


class Gone(VendorError):
    """The record is not there (any more)."""


class Incomplete(VendorError):
    """A read that cannot be proved whole; the text is the reason on its receipt."""


class Untrusted(Incomplete):
    """Changes were asked for, and what came cannot be these: the filter was ignored, or a record is missing."""
