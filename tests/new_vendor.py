"""``make new-vendor NAME=acme``: a package that brings a vendor, with a toy sandbox and the contract suite passing."""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from sources.registry import vendor_names

TEMPLATE = Path(__file__).parent / "vendor_template"
PLACES = {"contract_toy.py": "test_contract.py", "pyproject.txt": "pyproject.toml"}
"""The files that are called otherwise in the template, so that nothing takes them there for what they are."""


def make(name: str, into: Path) -> Path:
    """Write the package ``orgweave-NAME`` into a folder, and return its place. Raises ``ValueError``."""
    if not name:
        raise ValueError("the vendor's name is missing")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f"{name!r}: a vendor's name is lower-case letters, digits and _, a letter first")
    if name in vendor_names():
        raise ValueError(f"there is a vendor called {name} already; there are {', '.join(vendor_names())}")
    package = into / f"orgweave-{name.replace('_', '-')}"
    if package.exists():
        raise ValueError(f"{package} exists already, and is left as it is")
    for source in sorted(TEMPLATE.rglob("*")):
        path = source.relative_to(TEMPLATE)
        if source.is_file() and path.name != "__pycache__" and path.suffix != ".pyc" and path != Path("__init__.py"):
            place = package / renamed(PLACES.get(str(path), str(path)), name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(renamed(source.read_text(encoding="utf-8"), name), encoding="utf-8")
    return package


def renamed(text: str, name: str) -> str:
    """A text of the template, of another vendor."""
    title = "".join(part.title() for part in name.split("_"))
    text = text.replace("tests.vendor_template.", "").replace("orgweave-toy", f"orgweave-{name.replace('_', '-')}")
    return text.replace("toy", name).replace("Toy", title)


def next_steps(package: Path) -> list[str]:
    """What to type next, in the folder of orgweave."""
    place = os.path.relpath(package)
    return [
        f".venv/bin/python -m pip install --no-build-isolation --no-deps --editable {place}",
        f".venv/bin/pytest -n0 -c {place}/pyproject.toml {place}",
    ]


def main(words: Sequence[str]) -> None:
    """Make the package and say what to type next."""
    asked = argparse.ArgumentParser(prog="make new-vendor", description=__doc__)
    asked.add_argument("name", nargs="?", default="", help="the vendor's name in orgweave.toml")
    asked.add_argument("--into", type=Path, default=Path(".."), help="the folder that the package is made in")
    given = asked.parse_args(words)
    try:
        package = make(given.name, given.into)
    except (ValueError, OSError) as fault:
        sys.exit(f"make new-vendor: {fault}. What to do: make new-vendor NAME=acme, with DIR=.. for another folder")
    steps = "\n".join(f"  {step}" for step in next_steps(package))
    sys.stdout.write(f"wrote {package}\nNext, with docs/new-vendor.md beside you:\n{steps}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
