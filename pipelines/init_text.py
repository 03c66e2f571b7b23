"""What ``orgweave init`` writes: the commented template, or the same with the accounts that were named."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from pipelines.accounts import named
from pipelines.config import KINDS, Config, judged
from pipelines.errors import UsageError
from sources.registry import vendor_names

_ACCOUNTS, _KINDS, _REST = "[connections.udesk_cn]", "[departments]", "[limits]"
_CHOICES = """\
naming      = "qualify"          # leaf | qualify | path: how a tree is named in a flat system
on_conflict = "authority"        # authority | newest | hold: two authorities changed one field
on_missing  = "keep"             # keep | deactivate | delete: what a target does when every authority dropped a record
"""


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it was named: NAME=VENDOR:URL,KEY=VALUE; no URL where the vendor has no address."""

    name: str
    vendor: str
    base_url: str
    options: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the configuration is to say. ``authority`` and ``write_to`` are for every kind that an account holds."""

    accounts: Sequence[Account] = ()
    authority: Sequence[str] = ()
    write_to: Sequence[str] = ()


def template() -> str:
    """The commented configuration with an account of each vendor, to fill in."""
    return files("pipelines").joinpath("orgweave.toml").read_text(encoding="utf-8")


def account(text: str) -> Account:
    """An account as an option names it. Raises ``UsageError``."""
    told, *pairs = text.split(",")
    name, _, rest = told.partition("=")
    vendor, _, url = rest.partition(":")
    if not name or vendor not in vendor_names() or bool(url) != named(vendor, f"--account {text}").address:
        raise UsageError(
            f"--account {text}: not understood. What to do: NAME=VENDOR:URL,KEY=VALUE such as "
            "hq=nexudus:https://spaces.nexudus.com,business_id=123, or NAME=VENDOR,KEY=VALUE where the vendor has no "
            f"address; vendors: {', '.join(vendor_names())}"
        )
    return Account(name, vendor, url, dict(_option(vendor, one) for one in pairs))


def _option(vendor: str, pair: str) -> tuple[str, str | int]:
    key, _, value = (part.strip() for part in pair.partition("="))
    return key, typed(vendor, key, value)


def typed(vendor: str, key: str, value: str) -> str | int:
    """An option's value in the form that the vendor declares; a wrong one is told when the whole is checked."""
    form = named(vendor, "vendor").options.get(key, (str, False))[0]
    return int(value) if form is int and value.isdecimal() else value


def rendered(path: Path, wanted: Wanted) -> str:
    """The configuration for ``path``, checked. Raises ``UsageError`` where an account is not right."""
    text = template()
    head, rest = text[: text.index("# A connection is one account")], text[text.index(_REST) :]
    accounts = "# A connection is one account; its name is yours.\n\n" + "\n".join(
        _table(one) for one in wanted.accounts
    )
    names = [one.name for one in wanted.accounts]
    if twice := {name for name in names if names.count(name) > 1}:
        raise UsageError(f"{', '.join(sorted(twice))}: two accounts have one name. What to do: name them apart")
    if strange := {*wanted.authority, *wanted.write_to} - {*names}:
        raise UsageError(f"{', '.join(sorted(strange))}: no such account. What to do: one of {', '.join(names)}")
    checked = judged(path, head + accounts)
    whole = f"{head}{accounts}\n{_kinds(checked, wanted)}{rest}"
    judged(path, whole)
    return whole


def _table(one: Account) -> str:
    ways = ", or ".join(" and ".join(group) for group in named(one.vendor, "vendor").secrets)
    secrets = f"    # secrets: {ways}" if ways else ""
    lines = [f"[connections.{_key(one.name)}]", f"vendor   = {_quoted(one.vendor)}{secrets}"]
    lines += [f"base_url = {_quoted(one.base_url)}"] if one.base_url else []
    lines += [
        f"{_key(key)} = {value if isinstance(value, int) else _quoted(value)}" for key, value in one.options.items()
    ]
    lines.append("# apply_disabled = true    # never written to, whatever the rules below say")
    return "\n".join([*lines, ""])


def _kinds(config: Config, wanted: Wanted) -> str:
    """The rules of each kind that an account holds. Without a word the first that holds it is its authority."""
    parts = []
    for kind, entity in KINDS.items():
        holders = [name for name, one in config.connections.items() if entity in one.card.entities]
        if not holders:
            continue
        authority = [name for name in wanted.authority or holders[:1] if name in holders]
        write_to = [name for name in wanted.write_to if name in holders]
        lines = [
            f"[{kind}]",
            f"authority   = {json.dumps(authority)}    # whose values win, first first; only these propagate to others",
            f"write_to    = {json.dumps(write_to)}    # who may be written to",
        ]
        parts.append("\n".join(lines) + "\n" + (_CHOICES if kind == "departments" else ""))
    return "\n".join([*parts, ""])


def _key(text: str) -> str:
    """A key as TOML takes it, so that a wrong one is told by what is wrong in it."""
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
