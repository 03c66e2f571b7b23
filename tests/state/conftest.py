from collections.abc import Iterator
from pathlib import Path

import pytest

from state.safety import SafetyRecord
from tests.state.samples import NOON, change, opened


@pytest.fixture
def record(tmp_path: Path) -> Iterator[SafetyRecord]:
    """A fresh record with run r1 begun and plan p1 kept."""
    with opened(tmp_path) as record:
        record.begin_run("r1", "apply", NOON)
        record.add_plan("p1", "sha256:1", "r1", NOON, [change("c1")])
        yield record
