"""``docs/cli.md`` is what the commands say of themselves, and says how each is used."""

import re

from tests.docs import DOCS
from tests.docs_cli import cli


def test_the_document_of_the_command_line_is_what_the_commands_show() -> None:
    assert (DOCS / "cli.md").read_text(encoding="utf-8") == cli(), "it is out of date: make docs"


def test_every_command_has_an_example_of_itself() -> None:
    parts = re.split(r"(?m)^##+ ", cli())[1:]
    assert len(parts) > 15
    for part in parts:
        name = part.splitlines()[0]
        assert f"Example: {name}" in " ".join(part.split()) or name == "orgweave", name
