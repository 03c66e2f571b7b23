"""Installed distributions that bring vendors, without an installer: what one leaves behind, on ``sys.path``."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from sources import registry

VENDOR = '''"""A vendor that brings nothing but its declaration."""

from sources.scalepad.settings import VENDOR as MODEL
from dataclasses import replace

VENDOR = replace(MODEL, name="acme", title="Acme")
'''


def install(site: Path, name: str, points: Mapping[str, str], files: Mapping[str, str]) -> None:
    """Leave in ``site`` what a distribution consists of: its files, its name and its entry points."""
    for path, text in files.items():
        place = site / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    about = site / f"{name.replace('-', '_')}-1.2.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
    lines = "".join(f"{key} = {value}\n" for key, value in points.items())
    (about / "entry_points.txt").write_text(f"[{registry.GROUP}]\n{lines}")


@contextmanager
def installed(*sites: Path) -> Iterator[None]:
    """While the block runs, these folders hold installed distributions."""
    _forget()
    before = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        for site in sites:
            patch.syspath_prepend(site)
        try:
            yield
        finally:
            for name in set(sys.modules) - before:
                if str(getattr(sys.modules[name], "__file__", "") or "").startswith(tuple(map(str, sites))):
                    del sys.modules[name]
    _forget()


def _forget() -> None:
    registry._brought.cache_clear()
    registry.load_vendor.cache_clear()
