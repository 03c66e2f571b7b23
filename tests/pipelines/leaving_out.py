"""Accounts that a test does not need: each costs every command its reads."""

import re

from tests.pipelines.rig import Office


def leave_out(office: Office, *names: str) -> None:
    """Take accounts out of an office's configuration, until it is configured anew."""
    tables = re.split(r"^(?=\[)", office.config.read_text(encoding="utf-8"), flags=re.MULTILINE)
    gone = tuple(f"[connections.{name}]" for name in names)
    office.config.write_text("".join(one for one in tables if not one.startswith(gone)), encoding="utf-8")
