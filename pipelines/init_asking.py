"""``orgweave init`` on a terminal: one account after another is asked for, then whose values win."""

from collections.abc import Sequence
from getpass import getpass
from pathlib import Path

from pipelines import secrets
from pipelines.accounts import named
from pipelines.errors import UsageError
from pipelines.init_text import Account, Wanted, rendered, typed
from pipelines.screen import Screen
from sources.registry import load_vendor, vendor_names

Typed = dict[str, dict[str, str]]
"""Connection → key → the secret that was typed."""


def ask_all(path: Path, screen: Screen) -> Wanted:
    """Ask for the accounts and the rules. Nothing was named where the first answer is empty.

    Raises ``UsageError`` where the input ends.
    """
    accounts: list[Account] = []
    while vendor := _vendor(screen):
        try:
            one = _account(vendor, accounts, screen)
            rendered(path, Wanted([*accounts, one]))
        except UsageError as fault:
            screen.fail(f"{fault}; once more")
            continue
        accounts.append(one)
    if not accounts:
        return Wanted()
    names = [one.name for one in accounts]
    first = _names(f"Whose values win, first first, by commas [{names[0]}]: ", names, screen)
    write_to = _names("Who may be written to, by commas [nobody yet]: ", names, screen) if len(names) > 1 else []
    return Wanted(accounts, first, write_to)


def ask_secrets(accounts: Sequence[Account], screen: Screen) -> Typed:
    """Ask for the secrets of each account, unseen; an empty one is left for later."""
    return {one.name: _secrets(one, screen) for one in accounts}


def _answer(question: str, screen: Screen) -> str:
    line = screen.ask(question)
    if line is None:
        raise UsageError("the input has ended, and nothing was written. What to do: orgweave init, with --account")
    return line


def _vendor(screen: Screen) -> str:
    names = vendor_names()
    while True:
        line = _answer(f"Vendor of an account: {', '.join(names)}; Enter where that is all: ", screen)
        if not line or line in names:
            return line
        screen.fail(f"{line}: no such vendor")


def _account(vendor: str, before: Sequence[Account], screen: Screen) -> Account:
    taken = {one.name for one in before}
    free = next(name for name in (vendor, *(f"{vendor}_{number}" for number in range(2, 99))) if name not in taken)
    name = _answer(f"Its name here [{free}]: ", screen) or free
    declared = named(vendor, "vendor")
    url = _answer("Its address, https://…: ", screen) if declared.address else ""
    told = declared.options.items()
    options = {key: typed(vendor, key, _answer(f"{key}: ", screen)) for key, (_, required) in told if required}
    return Account(name, vendor, url, options)


def _names(question: str, known: Sequence[str], screen: Screen) -> list[str]:
    while True:
        found = [one.strip() for one in _answer(question, screen).split(",") if one.strip()]
        if not (strange := [one for one in found if one not in known]):
            return found
        screen.fail(f"{', '.join(strange)}: no such account; there are {', '.join(known)}")


def _secrets(one: Account, screen: Screen) -> dict[str, str]:
    found: dict[str, str] = {}
    for key in _way(one, screen):
        while text := getpass(f"{one.name} {key} (not shown; Enter for later): "):
            try:
                found[key] = secrets.plain(f"connections.{one.name}.{key}", text)
                break
            except UsageError as fault:
                screen.fail(str(fault))
    return found


def _way(one: Account, screen: Screen) -> Sequence[str]:
    """The keys of the way in that is chosen, where there are several."""
    ways = load_vendor(one.vendor).alternatives(one.options)
    if not ways[1:]:
        return ways[0] if ways else ()
    told = ", ".join(f"{number} {' and '.join(keys)}" for number, keys in enumerate(ways, start=1))
    numbered = {str(number): keys for number, keys in enumerate(ways, start=1)}
    while (line := _answer(f"{one.name}: signed in to with {told} [1]: ", screen) or "1") not in numbered:
        screen.fail(f"type one of the numbers {', '.join(numbered)}; what is typed here is shown, secrets come after")
    return numbered[line]
