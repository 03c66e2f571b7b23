"""``--accept-changes``: a person lets more changes through the limits, this once, by their number. Never a setting."""

import re
from collections.abc import Iterable

from mappings.limits import KINDS as KINDS_OF_CHANGE
from mappings.limits import key
from pipelines.config import KINDS, Config
from pipelines.errors import UsageError


def accepted(config: Config, words: Iterable[str]) -> dict[str, int]:
    """How many changes are let through, by ``mappings.limits.key``.

    ``words``: ``amm.departments.creates=7`` each, as the plan that was over its limit says it. Raises ``UsageError``
    for any other form, and for a connection, kind or operation that is not there.
    """
    known = {
        key(connection, entity, kind)
        for connection in config.connections
        for entity in KINDS.values()
        for kind in KINDS_OF_CHANGE.values()
    }
    found: dict[str, int] = {}
    for word in words:
        name, _, count = word.partition("=")
        if name not in known or not re.fullmatch(r"[1-9]\d{0,8}", count):
            raise UsageError(
                f"--accept-changes {word}: not of the form amm.departments.creates=7: a connection, departments, teams "
                "or tasks, creates, renames or deletes, and how many. What to do: take it from the plan over its limit"
            )
        found[name] = int(count)
    return found
