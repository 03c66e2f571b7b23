"""The part of the safety record that knows who of one account's people is who at another, by a person's word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mappings.model import Entity, Ref
from state.codec import stamp
from state.record import Record

_KEEP = "INSERT OR REPLACE INTO successors VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_OF_PLAN = """
SELECT connection, source_id, to_connection, to_source_id, canonical_id, evidence FROM successors
WHERE plan_id = ? ORDER BY rowid
"""
_AGREED = """
SELECT source_id, to_source_id FROM successors
WHERE plan_id = '' AND connection = ? AND to_connection = ? ORDER BY rowid
"""
_OUTDATED = """
DELETE FROM successors WHERE plan_id IN (
    SELECT plan_id FROM plans WHERE generation < (SELECT generation FROM record) AND plan_id <> ''
)
"""


@dataclass(frozen=True, slots=True)
class Successor:
    """A person of one account and who that is at another; ``canonical_id`` None: no record mentions either of them."""

    person: Ref
    becomes: Ref
    canonical_id: str | None
    evidence: str


class Successors(Record):
    """Who is who at another account; with a plan that was only shown until somebody consents to it."""

    def propose_successors(self, plan_id: str, found: Sequence[Successor], at: datetime) -> None:
        """Keep them with a plan; those of plans that can be applied no more are let go."""
        with self._transaction() as db:
            db.execute(_OUTDATED)
            for one in found:
                pair = (one.person.connection, one.person.source_id, one.becomes.connection, one.becomes.source_id)
                db.execute(_KEEP, (*pair, one.canonical_id, one.evidence, plan_id, stamp(at)))

    def agree_successors(self, plan_id: str) -> list[Successor]:
        """Remember for good what is kept with a plan, a later word before an earlier one; what that was."""
        found = [
            Successor(Ref(source, Entity.PERSON, who), Ref(target, Entity.PERSON, whom), canonical_id, evidence)
            for source, who, target, whom, canonical_id, evidence in self._rows(_OF_PLAN, (plan_id,))
        ]
        if found:
            with self._transaction() as db:
                db.execute("UPDATE OR REPLACE successors SET plan_id = '' WHERE plan_id = ?", (plan_id,))
        return found

    def successors(self, source: str, target: str) -> dict[str, str]:
        """What is remembered of two accounts: source id at the one → source id at the other."""
        return dict(self._rows(_AGREED, (source, target)))
