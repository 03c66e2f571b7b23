"""A pytest plugin: a planted fault is on while a test runs, to see that the test finds it out."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulate.planted import named

PLANTED = "ORGWEAVE_PLANTED"


@pytest.fixture(autouse=True)
def _planted() -> Iterator[None]:
    with named(os.environ[PLANTED]).switched_on():
        yield


def fails(name: str) -> bool:
    """Whether the direct test of a planted fault fails while the fault is there."""
    test = named(name).direct
    options = ["-n0", "-q", "-m", "", "-p", "no:cacheprovider", "-p", "tests.simulate.switch"]  # long ones too
    words = [sys.executable, "-m", "pytest", *options, test]
    environment = {**os.environ, PLANTED: name, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(words, env=environment, capture_output=True, check=False).returncode == 1  # noqa: S603 - our own words
