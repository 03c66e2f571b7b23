"""The published file and the safety record, open to look at: at any time, also while a run works, without a lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines import config as configuration
from pipelines.config import Config
from pipelines.errors import UsageError
from state.published import Published, open_published
from state.safety import SafetyRecord


@dataclass(frozen=True, slots=True)
class View:
    """What can be looked at: the configuration, what the last run published, and what the safety record keeps."""

    config: Config
    published: Published
    safety: SafetyRecord


@contextmanager
def look(config: Path | None) -> Iterator[View]:
    """Open both. ``UsageError`` where nothing was published yet, ``StateError`` where one of them cannot be read."""
    loaded = configuration.load(configuration.find(config))
    check_published(loaded)
    record = SafetyRecord.look(loaded.workspace / "journal.sqlite")
    with open_published(loaded.publish) as published, record as safety:
        yield View(loaded, published, safety)


def check_published(config: Config) -> None:
    """``UsageError`` where nothing was published yet."""
    for place in (config.workspace / "journal.sqlite", config.publish):
        if not place.exists():
            raise UsageError(f"{place}: is not there yet: nothing was published here. What to do: orgweave pull")
