"""Verify: what was written, compared with the whole read after it."""

from collections.abc import Sequence
from dataclasses import replace

from mappings.model import Op, Shadow, Value
from mappings.naming import fold
from pipelines.run import Run
from pipelines.unexplained import remote_records
from pipelines.writing import Ending, Result, differs


def read_back(run: Run, results: Sequence[Result]) -> list[Result]:
    """The results, each record that was made compared with what its vendor lists now.

    What a vendor only spells otherwise (cut, folded, trimmed) is agreed on as it stands; any other value may be
    somebody's who was quicker than the read, and stays theirs.
    """
    made = [one for one in results if one.status == Ending.DONE and one.change.op == Op.CREATE and one.sent]
    found = {one.change.id: one for one in results}
    for connection, entity in sorted({(one.change.connection, one.change.entity) for one in made}):
        if (connection, run.config.connections[connection].vendor.resource(entity).name) in run.unread:
            continue  # the read failed, which is told by itself
        there = remote_records(run, connection, entity)
        for one in made:
            if (one.change.connection, one.change.entity) == (connection, entity):
                found[one.change.id] = _confirmed(run, one, there.get(str(one.source_id)))
    return [found[one.change.id] for one in results]


def _confirmed(run: Run, one: Result, shadow: Shadow | None) -> Result:
    if shadow is None or not shadow.active:
        return replace(one, error="written, and not in the list that was read afterwards")
    sent = one.sent or {}
    error = differs(sent, shadow.values)
    if error is None:
        return one
    spelt = {name: seen for name, seen in shadow.values.items() if name in sent and _respelt(sent[name], seen)}
    run.safety.agree({shadow.ref: spelt}, run.run_id, run.clock.now(), written=True)
    return replace(one, error=run.scrubber.clean(error))


def _respelt(sent: Value, seen: Value) -> bool:
    """Whether a text reads back cut, or in another spelling of the same."""
    if not (isinstance(sent, str) and isinstance(seen, str)) or not fold(seen):
        return False
    return fold(sent).startswith(fold(seen))
