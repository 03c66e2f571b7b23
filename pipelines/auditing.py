"""Audits in a run: a row stops it before anything is sealed, applied or published."""

from mappings.plan import jsonable
from pipelines.errors import Unsound
from pipelines.run import Run
from state.audits import Finding, Stage, audit


def audit_model(run: Run) -> None:
    """Look through the model that was just reconciled. Raises ``Unsound``."""
    _stop(audit(run.working, Stage.MODEL))


def audit_history(run: Run) -> None:
    """Look through the history that the run has written. Raises ``Unsound``."""
    _stop(audit(run.working, Stage.HISTORY))


def _stop(found: list[Finding]) -> None:
    if not found:
        return
    lines = [line for one in found for line in _lines(one)]
    names = ", ".join(one.audit for one in found)
    short = (
        f"a fault of orgweave itself: the model breaks its own laws ({names}); nothing was sealed, applied or published"
    )
    audits = [
        {"audit": one.audit, "meaning": one.meaning, "rows": [dict(row) for row in one.rows], "more": one.more}
        for one in found
    ]
    raise Unsound([*lines, short], audits)


def _lines(one: Finding) -> list[str]:
    rows = [
        "  " + ", ".join(f"{column} {'(empty)' if cell is None else jsonable(cell)}" for column, cell in row.items())
        for row in one.rows
    ]
    return [f"audit {one.audit}: {one.meaning}", *rows, *(["  and more"] if one.more else [])]
