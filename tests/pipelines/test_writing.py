"""The steps of one write, driven by hand."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mappings.model import Entity, Op
from mappings.plan import Change, Status
from pipelines.writing import Ask, Begin, End, Ending, Writer
from sources.errors import Unavailable
from sources.secret import Scrubber
from sources.vendor import Observed
from state.safety import Outcome

RENAME = Change(
    *("c1", "amm", Entity.DEPARTMENT, Op.RENAME, Status.READY, "d1", "7"),
    *({"name": "Ops"}, {"name": "Kitchen"}, (), "name_differs", ""),
)


def test_a_write_that_cannot_be_read_back_counts_as_agreed_as_it_was_sent() -> None:
    nobody: Any = None
    writer = Writer("r1", "p1", {}, lambda: datetime(2026, 3, 1, tzinfo=UTC), Scrubber())
    steps = writer.steps(nobody, RENAME, {"name": "Kitchen"}, None)
    assert isinstance(next(steps), Ask)
    assert isinstance(steps.send(Observed("7", {"name": "Ops"}, {})), Begin)
    assert isinstance(steps.send(1), Ask)
    assert isinstance(steps.send(None), Ask)
    end = steps.throw(Unavailable("cut off"))
    assert isinstance(end, End)
    assert (end.outcome, end.agreed) == (Outcome.DONE, {"name": "Kitchen"})
    with pytest.raises(StopIteration) as over:
        next(steps)
    assert over.value.value.status == Ending.DONE
    assert "not read back: cut off" in over.value.value.error
