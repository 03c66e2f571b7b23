"""What must not stand in a cassette: the credentials used while recording, in any spelling, and what looks like one."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from vcr.serializers import yamlserializer  # type: ignore[import-untyped]  # vcrpy ships no types

from sources.secret import spellings
from tests.scenarios.stage import ISSUED, LOGIN, SECRETS

KNOWN = frozenset(secret for held in (*SECRETS.values(), LOGIN) for secret in held.values())
LOOKS = {
    "a hash as a signature has it": re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-f]{40}|[0-9a-f]{64})(?![0-9A-Za-z])"),
    "a credential after its scheme": re.compile(r"\b(?:Bearer|Basic) +[^*<\s]"),
    "an e-mail outside example.test": re.compile(r"[\w.+-]+(?:@|%40)(?!example\.test\b)[\w-]+\.[\w.-]+"),
    "a signing parameter's value": re.compile(r"[?&](?:email|sign|nonce|timestamp)=[^<&\s]"),
    "long base64": re.compile(
        r"(?<![\w+/=-])(?=[\w+/-]*\d)(?=[\w+/-]*[A-Z])(?=[\w+/-]*[a-z])[A-Za-z0-9+/_-]{48,}={0,2}"
    ),
}


def leaks_in(text: str, known: Iterable[str] = KNOWN) -> list[str]:
    """What a cassette holds that it must not: looked for in the file, and in every text that YAML reads from it."""
    forms = {spelling for secret in known for spelling in spellings(secret)} | set(ISSUED)
    found = []
    for part in (text, *_texts(yamlserializer.deserialize(text))):
        for shown in {part, unquote(part)}:
            found += [f"the credential {form}" for form in sorted(forms) if form in shown]
            found += [f"{kind}: {hit[0]}" for kind, looks in LOOKS.items() if (hit := looks.search(shown))]
    return sorted(set(found))


def _texts(value: Any) -> Iterator[str]:
    """Every text in a parsed document, keys too."""
    if isinstance(value, dict):
        for key, held in value.items():
            yield str(key)
            yield from _texts(held)
    elif isinstance(value, list):
        for held in value:
            yield from _texts(held)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode("latin-1")
