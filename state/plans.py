"""The part of the safety record that remembers plans: each is kept whole, and consumed once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from state.codec import moment, moment_or_none, pack, stamp
from state.record import Record

_SELECT = "SELECT plan_id, digest, created_at, run_id, used_at, generation FROM plans "


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan that was made; ``generation`` is the record's own at that moment, ``used_at`` is None until it is used."""

    plan_id: str
    digest: str
    created_at: datetime
    run_id: str
    used_at: datetime | None
    generation: int


def _plan(row: tuple[Any, ...]) -> PlanRow:
    plan_id, digest, created_at, run_id, used_at, generation = row
    return PlanRow(plan_id, digest, moment(created_at), run_id, moment_or_none(used_at), generation)


def _side(change: Mapping[str, Any], side: str) -> str | None:
    values = change.get(side)
    return None if values is None else pack(values)


class Plans(Record):
    """Plans, and the generation that grows with every one that is consumed, and with what people decide."""

    @property
    def lineage(self) -> str:
        """Whose memory this is: given once, when the record was made."""
        return str(self._rows("SELECT lineage FROM record")[0][0])

    @property
    def generation(self) -> int:
        """How many plans were consumed, and decisions made."""
        return int(self._rows("SELECT generation FROM record")[0][0])

    def add_plan(
        self, plan_id: str, digest: str, run_id: str, at: datetime, changes: Sequence[Mapping[str, Any]]
    ) -> None:
        """Keep a plan with all its changes (CONTRACT section 3: id, connection, entity, op, status, …).

        StateError where the plan's id is kept already, or two changes have the same id.
        """
        rows = [
            (
                *(plan_id, position, change["id"], change["connection"], change["entity"], change["op"]),
                *(change["status"], change.get("canonical_id"), change.get("source_id")),
                *(_side(change, "before"), _side(change, "after"), change.get("rule"), change.get("reason")),
            )
            for position, change in enumerate(changes)
        ]
        with self._transaction() as db:
            db.execute(
                "INSERT INTO plans (plan_id, digest, run_id, created_at, generation) "
                "SELECT ?, ?, ?, ?, generation FROM record",
                (plan_id, digest, run_id, stamp(at)),
            )
            db.executemany("INSERT INTO planned VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def plan(self, plan_id: str) -> PlanRow | None:
        """The plan of that id."""
        rows = self._rows(_SELECT + "WHERE plan_id = ?", (plan_id,))
        return _plan(rows[0]) if rows else None

    def newest_plan(self) -> PlanRow | None:
        """The plan that was kept last, used or not."""
        rows = self._rows(_SELECT + "ORDER BY seq DESC LIMIT 1")
        return _plan(rows[0]) if rows else None

    def use_plan(self, plan_id: str, at: datetime) -> None:
        """Consume a plan and let the generation grow, in one step. StateError where it is unknown or was used."""
        with self._transaction() as db:
            done = db.execute(
                "UPDATE plans SET used_at = ? WHERE plan_id = ? AND used_at IS NULL", (stamp(at), plan_id)
            )
            if done.rowcount != 1:
                raise self._refusal(f"plan {plan_id} is unknown here, or was used already; plan again")
            db.execute("UPDATE record SET generation = generation + 1")
            db.execute(
                "DELETE FROM sightings WHERE NOT EXISTS (SELECT 1 FROM intents WHERE sighting = sightings.digest)"
            )
