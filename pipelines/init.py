"""``orgweave init``: a commented configuration, of what is asked or named; secrets go where they belong."""

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.config import FILE, Config, advised, check_document, place
from pipelines.errors import Exit, UsageError
from pipelines.init_asking import Typed, ask_all, ask_secrets
from pipelines.init_secrets import place as place_of_secrets
from pipelines.init_secrets import put_secrets, standing, variable_of
from pipelines.init_text import Wanted, account, rendered, template
from pipelines.screen import Screen

Outcome = tuple[Exit, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Options:
    """What ``init`` was told. ``sandbox``: the port of an ``orgweave sandbox`` that the configuration is for."""

    accounts: Sequence[str] = ()
    authority: Sequence[str] = ()
    write_to: Sequence[str] = ()
    sandbox: int | None = None
    secrets: bool = False


def init_command(config: Path | None, options: Options, screen: Screen) -> Outcome:
    """Write the configuration where it is looked for; never over an existing file."""
    path = place(config)
    if path.exists():
        raise UsageError(f"{path} exists already, and is left as it is. What to do: edit it, then: orgweave check")
    text, typed = _made(path, options, screen)
    standing(path)  # raises where they cannot be read, before anything is written
    _write(path, text)
    screen.show(f"wrote {path}")
    if kept := put_secrets(path, typed):
        screen.show(f"wrote the secrets of {', '.join(kept)} to {place_of_secrets(path)}, for you alone to read")
    return Exit.DONE, _told(path, text, screen)


def _made(path: Path, options: Options, screen: Screen) -> tuple[str, Typed]:
    if options.sandbox is not None:
        return _for_sandbox(options)
    wanted = Wanted([account(one) for one in options.accounts], options.authority, options.write_to)
    asked = not wanted.accounts and screen.converses
    if asked:
        wanted = ask_all(path, screen)
    if not wanted.accounts:
        if options.authority or options.write_to or options.secrets:
            raise UsageError("there is no account. What to do: name it by --account as well")
        return template(), {}
    try:
        text = rendered(path, wanted)
    except UsageError as fault:  # no file is named: none was written
        raise UsageError(advised(str(fault), "say it in --account NAME=VENDOR:URL,KEY=VALUE")) from fault
    if options.secrets and not screen.converses:
        raise UsageError("secrets are typed on a terminal. What to do: leave --secrets out, and set them elsewhere")
    later = asked and not screen.consent(f"The secrets may be typed now, and go to {place_of_secrets(path)}.")
    return text, ask_secrets(wanted.accounts, screen) if (asked or options.secrets) and not later else {}


def _for_sandbox(options: Options) -> tuple[str, Typed]:
    """The configuration for the emulated vendors at a port of this machine, and their made-up secrets."""
    from pipelines.sandbox import SECRETS, config_for

    if options.accounts or options.authority or options.write_to or options.secrets:
        raise UsageError("--sandbox names its accounts itself. What to do: give it alone")
    typed: Typed = {}
    for variable, value in SECRETS.items():
        _, name, key = variable.casefold().split("__")
        typed.setdefault(name, {})[key] = value
    head = f"# For: orgweave sandbox --port {options.sandbox}\n\n"
    return head + config_for(f"http://127.0.0.1:{options.sandbox}"), typed


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as fault:
        remedy = "What to do: --config PATH in a folder that is there"
        raise UsageError(f"{path}: cannot be written: {fault.strerror}. {remedy}") from fault


def _told(path: Path, text: str, screen: Screen) -> Mapping[str, Any]:
    """What is still to do, as the commands to type."""
    config = check_document(path, text)
    missing = [] if text == template() else _missing(config)
    where = "" if path == Path(FILE).absolute() else f" --config {shlex.quote(str(path))}"
    follows = f"orgweave check{where}"
    if text == template():
        screen.show("Put your accounts in, and take out the ones that you do not have.")
    if missing:
        screen.show("Its secrets are still to be set, here or in .dlt/secrets.toml beside it:")
        screen.show(*(f"  export {variable}=…" for variable in missing))
    screen.show(f"Next: {follows}")
    return {"path": str(path), "missing_secrets": missing, "next": follows}


def _missing(config: Config) -> list[str]:
    """The variables that are missing of the first way into each account, where no way in is whole."""
    found: list[str] = []
    for name, one in config.connections.items():
        kept = standing(config.path).get(name, {})
        ways = [
            [variable for key in way if key not in kept and (variable := variable_of(name, key)) not in os.environ]
            for way in one.vendor.alternatives(one.options)
        ]
        found += ways[0] if ways and all(ways) else []
    return found
