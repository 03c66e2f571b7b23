"""What ends a command, each with its exit code (CONTRACT.md, section 2)."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """The exit codes."""

    DONE = 0
    FAULT = 1
    USAGE = 2
    PERSON = 3
    GUARD = 4
    CONNECTION = 5
    CHANGES = 10
    HELD = 75


def worst(*codes: Exit) -> Exit:
    """The code to end with where several apply: 1, 2, 75, 4, 5, 3, 10, 0, first first."""
    order = (Exit.FAULT, Exit.USAGE, Exit.HELD, Exit.GUARD, Exit.CONNECTION, Exit.PERSON, Exit.CHANGES, Exit.DONE)
    return min((Exit.DONE, *codes), key=order.index)


class UsageError(Exception):
    """The command line, the configuration or the workspace is not right: names the file, the key and the remedy.

    ``candidates``: id → name of what could be meant, where the remedy is to say which.
    """

    candidates: Mapping[str, str] = {}


class Unsound(Exception):
    """The model breaks a law of its own (an audit has rows): nothing may be sealed, applied or published.

    ``lines`` tell a person, the last one in short; ``audits`` tell a program.
    """

    def __init__(self, lines: Sequence[str], audits: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(lines[-1])
        self.lines = tuple(lines)
        self.audits = tuple(audits)
