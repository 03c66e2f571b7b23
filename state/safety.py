"""The safety record: what cannot be read again, in one SQLite file.

It holds the journal of writes and their number, links with their history, what people decided, agreed bases, plans,
runs and receipts.
Everything else can be rebuilt from the vendors; this cannot, so it is durable (WAL, ``synchronous=FULL``), checked at
every opening, and never repaired or replaced in silence.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Self

from state.bases import Agreed
from state.became import Became
from state.crosswalk import Linking
from state.decisions import Decision, Decisions, Effects, Pinned, Verdict
from state.errors import StateError
from state.journal import ChangeRow, Intent, Journal, OpenIntent, Outcome
from state.ledger import Ledger, Run
from state.opening import connect, look
from state.plans import PlanRow, Plans
from state.spending import Spending, Spent
from state.successors import Successor, Successors
from state.temporary import TemporaryNames
from state.written import Written

__all__ = [
    "Agreed",
    "ChangeRow",
    "Decision",
    "Effects",
    "Intent",
    "Linking",
    "OpenIntent",
    "Outcome",
    "Pinned",
    "PlanRow",
    "Run",
    "SafetyRecord",
    "Spent",
    "StateError",
    "Successor",
    "Verdict",
]


class SafetyRecord(Ledger, Plans, Journal, Decisions, Spending, TemporaryNames, Written, Became, Successors):
    """The open safety record. Every method that writes is one transaction, durable when it returns.

    Times must be aware (ValueError). A refusal, and any trouble with the file, is a StateError.
    """

    @classmethod
    def open(cls, path: Path, *, at: datetime, new_id: Callable[[], str]) -> Self:
        """Open the record at ``path``; make it, with ``new_id()`` as its lineage, where the workspace is new.

        StateError, with nothing changed, where the file is damaged, another program's or of a newer schema, and where
        it is missing beside other state.
        """
        return cls(path, connect(path, at=at, new_id=new_id))

    @classmethod
    def look(cls, path: Path) -> Self:
        """Open the record at ``path`` to look at, also while a run works in it. StateError where that cannot be."""
        return cls(path, look(path))
