"""What of a destination's credentials must never be shown: found wherever dlt finds it, before dlt is asked for it."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sources.secret import Secret

_TELLING = re.compile(r"credentials|passw|secret|token|key|passphrase", re.IGNORECASE)
_SHORTEST = 20  # letters of a line of a key; shorter ones are words that stand elsewhere too


def of_destination(name: str) -> list[Secret]:
    """The secrets of a destination of dlt's: in the environment, in ``secrets.toml``, in a vault that dlt reads."""
    import dlt

    found = [*in_mapping({key: text for key, text in os.environ.items() if "DESTINATION__" in key.upper()})]
    with suppress(Exception):  # a provider that cannot be read is told when dlt asks it
        found += _in(f"{name}.credentials", dlt.secrets.get(f"destination.{name}.credentials"))
    return found


def in_mapping(values: Mapping[Any, Any]) -> Iterator[Secret]:
    """The secrets among these values, told by their keys; a host or a user's name is none."""
    for key, value in values.items():
        yield from _in(str(key), value)


def _in(key: str, value: Any) -> Iterator[Secret]:
    if isinstance(value, Mapping):
        yield from in_mapping(value)
    elif isinstance(value, str) and value and _TELLING.search(key.rpartition("__")[2]):
        yield from map(Secret, (value, *_parts(value)))


def _parts(text: str) -> Iterator[str]:
    """What inside a text may be told alone: the password of an address, a key inside a document, a key's lines."""
    with suppress(ValueError):
        parts = urlsplit(text)
        if parts.password:
            yield from {parts.password, unquote(parts.password)}
        yield from (value for key, value in parse_qsl(parts.query) if _TELLING.search(key))
    if text.lstrip().startswith("{"):
        with suppress(ValueError):
            yield from (one.reveal() for one in in_mapping(json.loads(text)))
    lines = text.replace("\\n", "\n").split("\n")
    yield from (line for line in lines if len(line) >= _SHORTEST and len(lines) > 1)
