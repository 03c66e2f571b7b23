"""``orgweave init``: a commented configuration to fill in."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from pipelines.config import place
from pipelines.errors import Exit, UsageError
from pipelines.screen import Screen


def write_config(config: Path | None, screen: Screen) -> tuple[Exit, Mapping[str, Any]]:
    """Write the template where the configuration is looked for; never over an existing file."""
    path = place(config)
    text = files("pipelines").joinpath("orgweave.toml").read_text(encoding="utf-8")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as fault:
        raise UsageError(f"{path} exists already, and is left as it is") from fault
    except OSError as fault:
        raise UsageError(f"{path}: cannot be written: {fault.strerror}") from fault
    screen.show(f"wrote {path}; fill in your accounts, then: orgweave check")
    return Exit.DONE, {"path": str(path)}
