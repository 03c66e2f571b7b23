"""Secrets that cannot be printed by accident, and the scrubber that every text passes before it leaves."""

import base64
import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "***"


class Secret:
    """A secret string. Only ``reveal()`` gives it; ``str``, ``repr``, ``format`` and pickling do not."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself, for the one place that signs or sends it."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


def spellings(secret: str) -> set[str]:
    """The forms in which a secret could appear in a text: as it is, percent-encoded, in JSON, in base64."""
    raw = secret.encode()
    return {
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        base64.b64encode(raw).decode(),
    }


class Scrubber:
    """Replaces every known secret in a text by ``***``; the last step before a log, an error or a report."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._spellings: list[str] = []
        self.learn(*secrets)

    def learn(self, *secrets: Secret) -> None:
        """Also replace these from now on (a token that was fetched during the run)."""
        found = set(self._spellings)
        for secret in secrets:
            found |= {text for text in spellings(secret.reveal()) if len(text) > 2}
        self._spellings = sorted(found, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """The text without any known secret."""
        for spelling in self._spellings:
            text = text.replace(spelling, MASK)
        return text
