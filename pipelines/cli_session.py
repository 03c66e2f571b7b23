"""What every command has: ``--json``, ``--log``, ``--quiet``, ``--verbose``, and a session that ends it."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pipelines.errors import Exit
from pipelines.options import AsJson, Log, Quiet, Verbose
from pipelines.session import Session

Outcome = tuple[Exit, Mapping[str, Any]]
Command = Callable[..., None]


def _spoken(*, as_json: AsJson = False, log: Log = None, quiet: Quiet = False, verbose: Verbose = False) -> None:
    """Only its parameters count."""


def in_session(act: Callable[..., Outcome]) -> Command:
    """Make a command of what it does in a session, its first parameter; the shared options follow its own."""
    _, *own = inspect.signature(act).parameters.values()
    shared = inspect.signature(_spoken).parameters

    def command(**given: Any) -> None:
        spoken = {name: given.pop(name) for name in shared}
        Session(**spoken).end(lambda session: act(session, **given))

    present(command, act, (*own, *shared.values()))
    return command


def present(command: Command, made_of: Callable[..., Any], parameters: Iterable[inspect.Parameter]) -> None:
    """Let a command look as if it were written out: typer asks its signature what it takes."""
    signature = inspect.Signature(list(parameters))
    command.__signature__ = signature  # type: ignore[attr-defined] # functions may have one
    command.__annotations__ = {name: one.annotation for name, one in signature.parameters.items()}
    command.__name__, command.__doc__ = made_of.__name__, made_of.__doc__
