"""What Udesk's answers mean: success, refusal, or no answer at all.

Sources: Udesk's pages "intro" and "departments"; codes beyond those two pages come second-hand (README.md).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from sources.errors import Denied, Gone, Rejected, Throttled, Unavailable, VendorError
from sources.message import Reply
from sources.secret import MASK

Record = dict[str, Any]

SUCCESS = 1000
NONCE_USED = 20623
WRONG_SIGNATURE = 2059
CLOCK_CODES = (20621, 20622)
DENIALS: Mapping[int, str] = {
    2002: "Udesk does not know this subdomain: is base_url the tenant's own host?",
    2015: "the e-mail is not an administrator's: configure an administrator's",
    2058: "the tenant's Udesk plan does not include the open API",
    WRONG_SIGNATURE: "Udesk does not accept the signature: check email and open_api_token",
    20624: "Udesk saw no nonce: something on the way cuts the query",
}
# One code, 2000, stands for many outcomes; only its text, in the tenant's language, tells them apart.
TAKEN = (
    "already in use",
    "been taken",
    "already used",
    "been used",
    "already exist",
    "被使用",
    "被占用",
    "已存在",
    "已经存在",
)
PARENT = ("parent department", "parent_id", "父部门", "上级部门")
FORMAT = ("integer", "整数")
ABSENT = ("not found", "not be found", "not exist", "n't exist", "未找到", "找不到", "没有找到", "不存在")
THROTTLE = (
    "频率",
    "频次",
    "频繁",
    "限流",
    "frequen",
    "too many",
    "throttl",
    "rate limit",
    "call limit",
    "request limit",
)


def accept(reply: Reply, now: datetime) -> Record:
    """The body of a success; otherwise the fitting ``VendorError``.

    The body's ``code`` decides, since errors come as HTTP 200; the status only where no application spoke.
    """
    if reply.status == 429:
        raise _throttled(reply, now, "HTTP 429")
    body = reply.json()
    code = _code(body)
    if code is None or reply.status >= 500 or (code == SUCCESS and reply.status >= 400):
        told = "no code" if code is None else f"code {code}"
        raise Unavailable(f"HTTP {reply.status} with {told}: not an answer of Udesk's API", reply.retry_after())
    if code == SUCCESS:
        return dict(body)
    said = f"Udesk says, code {code}: {_said(body)}"
    if code in CLOCK_CODES:
        raise Denied(f"{_clock_fault(reply, now)} ({said})")
    if code in DENIALS:
        raise Denied(f"{DENIALS[code]} ({said})", credentials=False if code == WRONG_SIGNATURE else None)
    if code == NONCE_USED:
        raise Unavailable(f"the nonce was used before: this very request may have arrived already ({said})")
    raise _refusal(reply, now, said)


def _code(body: Any) -> int | None:
    code = body.get("code") if isinstance(body, dict) else None
    if isinstance(code, str) and code.isascii() and code.isdigit():
        return int(code)  # one official sample holds it as text
    return code if type(code) is int else None  # neither True nor 1000.0


def _said(body: Record) -> str:
    """The generic and the specific text, in any of the spellings that documents and clients show."""
    exception = body.get("exception", body.get("exception:message"))
    specific = exception.get("message") if isinstance(exception, dict) else exception
    texts = dict.fromkeys(str(text) for text in (body.get("message") or body.get("code_message"), specific) if text)
    return re.sub(r"[0-9a-f]{40,}", MASK, ": ".join(texts))  # an echoed signature stays out of logs


def _refusal(reply: Reply, now: datetime, said: str) -> VendorError:
    text = said.casefold()

    def holds(fragments: tuple[str, ...]) -> bool:
        return any(fragment in text for fragment in fragments)

    if holds(TAKEN):
        return Rejected(said, rule="name_taken", field="name")
    if holds(PARENT):
        return Rejected(said, rule="vendor_rejected" if holds(FORMAT) else "parent_missing", field="parent_id")
    if holds(ABSENT):
        return Gone(said)
    if holds(THROTTLE):
        return _throttled(reply, now, said)
    return Rejected(said)


def _throttled(reply: Reply, now: datetime, said: str) -> Throttled:
    """The limit is counted by the minute, and no header is documented: wait for the next one."""
    named = reply.retry_after()
    return Throttled(f"Udesk's limit is reached ({said})", 60.0 - now.second if named is None else named)


def _clock_fault(reply: Reply, now: datetime) -> str:
    try:
        off = (now - parsedate_to_datetime(reply.headers["date"])).total_seconds()
    except (KeyError, ValueError, TypeError):
        return "check this machine's clock: Udesk does not accept its time"
    return f"check this machine's clock: it is {abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} Udesk's"
