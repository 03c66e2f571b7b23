"""Reading a table of ``orgweave.toml`` strictly: an unknown key or a value of another form is an error."""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from pipelines.errors import UsageError
from pipelines.sections import Section, choices

S = TypeVar("S", bound=Section)


def known(table: Mapping[str, Any], valid: Iterable[str], where: str) -> None:
    """Raise ``UsageError`` for a key that is not valid, with the nearest that is. ``where``: what stands before it."""
    for key in table:
        if key not in valid:
            near = difflib.get_close_matches(key, list(valid), n=1, cutoff=0.0)
            hint = f"did you mean {where}{near[0]}?" if near else "no key is known here"
            raise UsageError(f"unknown key {where}{key}; {hint}")


def section(document: Mapping[str, Any], name: str, form: type[S]) -> S:
    """A table of the file by its form. Raises ``UsageError``."""
    table = document.get(name, {})
    if not isinstance(table, dict):
        raise UsageError(f"{name} is a table: [{name}]")
    known(table, form.__struct_fields__, f"{name}.")
    return converted(table, form, name)


def converted(table: Mapping[str, Any], form: type[S], where: str) -> S:
    """Values by their form. Raises ``UsageError`` that names the key."""
    try:
        return msgspec.convert(table, form)
    except msgspec.ValidationError as fault:
        text, _, key = str(fault).partition(" - at `$")
        text += choices(form, key.strip(".`"))
        at = f"{where}{key.rstrip('`')}".lstrip(".") if key else where
        raise UsageError(f"{at}: {_plain(text)}") from fault


_FORMS = {"int": "a whole number", "str": "a text in quotes", "bool": "true or false", "array": "a list, [...]"}


def _plain(text: str) -> str:
    """The library's sentence about a value of another form, in the words of somebody who writes TOML."""
    forms = re.match(r"Expected `(.+?)`, got `(.+?)`", text)
    if forms is None:
        return text
    wanted, got = ([_FORMS.get(one, one) for one in told.split(" | ") if one != "null"] for told in forms.groups())
    return f"{' or '.join(wanted)} is wanted, not {' or '.join(got)}{text[forms.end() :]}"
