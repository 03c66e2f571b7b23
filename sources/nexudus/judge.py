"""What a Nexudus answer means (shared notes: vendors/nexudus.md, sections 0, 1.1 and 6).

Judged by HTTP status and ``WasSuccessful`` alone: the body's own ``Status`` can be 500 in a 400, and the texts differ
from page to page of the documents.
"""

from collections.abc import Mapping
from typing import Any, TypeGuard

from sources.errors import Denied, Gone, Rejected, Throttled, Unavailable
from sources.message import Call, Reply

LONGEST_TEXT = 300  # characters of a vendor's message that an error repeats


class Unauthorized(Denied):
    """HTTP 401: the credentials are wrong or worn out, or a role is missing; Nexudus says the same for all three."""

    def __init__(self, call: Call, role: str) -> None:
        super().__init__(_refusal(401, call, role), role=role)
        self._call = call

    def settle(self, *, credentials: bool | None) -> None:
        """Take in what is known of the credentials since: where they are right, it is the role."""
        self.credentials = credentials
        if credentials:
            why = f"the credentials are right, so their user lacks the role {self.role}"
            self.args = (f"{_refused(401, self._call)}: {why}",)


def judge(reply: Reply, call: Call, role: str) -> None:
    """Return for a success, raise the fitting ``VendorError`` otherwise. ``role``: what the call needs."""
    status = reply.status
    if _throttled(reply):
        raise Throttled(f"throttled (HTTP {status})", reply.retry_after())
    if status in (401, 403):
        if status == 401:
            raise Unauthorized(call, role)
        raise Denied(_refusal(status, call, role), credentials=True, role=role)
    if status == 404 and _own_not_found(reply, call):
        raise Gone(f"{call.path} is not there (HTTP 404)")
    if 200 <= status < 300:
        if call.write:
            _judge_done(reply)
        return
    if 400 <= status < 500:
        _judge_refused(reply, call)
    raise Unavailable(f"HTTP {status} for {call.method} {call.path}", reply.retry_after())


def created_id(envelope: Mapping[str, Any]) -> int:
    """The id of a new record. Raises ``Unavailable`` when a success names none: what was made is then unknown."""
    value = envelope.get("Value")
    found = value.get("Id") if isinstance(value, dict) else None
    if not is_id(found):
        raise Unavailable(f"a success without the new record's id (Value.Id is {found!r})")
    return found


def page_of(body: Any, *, number: int) -> Mapping[str, Any]:
    """Page ``number``. Raises ``Unavailable`` for anything else: a missing key is not an empty list."""
    if not isinstance(body, dict) or not isinstance(body.get("Records"), list):
        raise Unavailable("the page holds no Records")
    status = body.get("Status")
    if body.get("WasSuccessful") is False or (isinstance(status, int) and status >= 400):
        raise Unavailable(f"the list says that it failed: {str(body.get('Message'))[:LONGEST_TEXT]}")
    if not all(isinstance(record, dict) for record in body["Records"]):
        raise Unavailable("the page's Records are not all objects")
    if not isinstance(body.get("HasNextPage"), bool):
        raise Unavailable("the page does not say HasNextPage")
    total = body.get("TotalItems")
    if total is not None and (not isinstance(total, int) or isinstance(total, bool)):
        raise Unavailable("the page's TotalItems is not a number")
    if body.get("CurrentPage", number) != number:
        raise Unavailable(
            f"asked for page {number}, page {body['CurrentPage']!r} came".replace("\n", " ")[:LONGEST_TEXT]
        )
    return body


def is_id(value: object) -> TypeGuard[int]:
    """Whether this is an id as Nexudus documents it: a positive whole number of 63 bits, no text, float or boolean."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def _throttled(reply: Reply) -> bool:
    """409 is the documented throttle, with ``Retry-After`` or an empty body; one with a body may be a real refusal."""
    if reply.status == 429:
        return True
    return reply.status == 409 and ("retry-after" in reply.headers or not reply.body.strip())


def _refused(status: int, call: Call) -> str:
    return f"{call.method} {call.path} was refused (HTTP {status})"


def _refusal(status: int, call: Call, role: str) -> str:
    return (
        f"{_refused(status, call)}: either the credentials are wrong or have expired, "
        f"or their user lacks the role {role} (Nexudus answers both alike)"
    )


def _own_not_found(reply: Reply, call: Call) -> bool:
    """Nexudus says it in JSON. A proxy's page proves nothing, and for a write neither does an empty body."""
    if not reply.body.strip():
        return not call.write
    try:
        reply.json()
    except Unavailable:
        return False
    return True


def _judge_done(reply: Reply) -> None:
    """A write is done when ``WasSuccessful`` is true; some failures come as HTTP 200 and say so only there."""
    envelope = reply.json()
    if isinstance(envelope, dict) and envelope.get("WasSuccessful") is True:
        return
    if isinstance(envelope, dict) and envelope.get("Errors"):
        raise _rejected(envelope, reply.status)
    raise Unavailable(f"HTTP {reply.status} that does not say WasSuccessful")


def _judge_refused(reply: Reply, call: Call) -> None:
    """Raise ``Rejected`` for a refusal in the vendor's own form, and for any refusal of a read; nothing otherwise."""
    try:
        envelope = reply.json()
    except Unavailable:
        envelope = None
    if isinstance(envelope, dict) and envelope.get("WasSuccessful") is False:
        raise _rejected(envelope, reply.status)
    if not call.write and reply.status not in (404, 408):
        raise Rejected(f"{call.method} {call.path} was refused (HTTP {reply.status})")


def _rejected(envelope: Mapping[str, Any], status: int) -> Rejected:
    listed = envelope.get("Errors")
    errors = [error for error in listed if isinstance(error, dict)] if isinstance(listed, list) else []
    told = "; ".join(f"{error.get('PropertyName')}: {error.get('Message')}" for error in errors)
    text = told or str(envelope.get("Message") or "no reason given")
    named = next((error["PropertyName"] for error in errors if isinstance(error.get("PropertyName"), str)), None)
    return Rejected(f"Nexudus refused (HTTP {status}): {text[:LONGEST_TEXT]}", field=named)
