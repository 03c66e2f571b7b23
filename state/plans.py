"""The part of the safety record that remembers plans: each is kept whole, and consumed once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from state.codec import moment, moment_or_none, pack, stamp
from state.record import Record

_SELECT = "SELECT plan_id, digest, created_at, run_id, used_at, generation, ended_at FROM plans "
_TRIED = """
SELECT change_id, outcome, source_id, error FROM intents
WHERE seq IN (SELECT max(seq) FROM intents WHERE plan_id = ? GROUP BY change_id)
"""

_RULES = """
SELECT status, coalesce(rule, ''), count(*) FROM planned
WHERE status <> 'ready' AND plan_id = (SELECT plan_id FROM plans WHERE run_id = ? ORDER BY seq DESC LIMIT 1)
GROUP BY 1, 2 ORDER BY 3 DESC
"""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan that was made; ``generation`` is the record's own at that moment.

    ``used_at`` is None until an apply begins with it, ``ended_at`` until one has come to its end.
    """

    plan_id: str
    digest: str
    created_at: datetime
    run_id: str
    used_at: datetime | None
    generation: int
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tried:
    """The last try of a planned change: ``outcome`` is None while nobody knows it."""

    outcome: str | None
    source_id: str | None
    error: str | None


def _plan(row: tuple[Any, ...]) -> PlanRow:
    plan_id, digest, created_at, run_id, used_at, generation, ended_at = row
    used, ended = moment_or_none(used_at), moment_or_none(ended_at)
    return PlanRow(plan_id, digest, moment(created_at), run_id, used, generation, ended)


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

    def plans(self) -> list[PlanRow]:
        """Every plan that was made, newest first."""
        return [_plan(row) for row in self._rows(_SELECT + "ORDER BY seq DESC")]

    def rules_of_run(self, run_id: str) -> dict[tuple[str, str], int]:
        """How many changes of a run's last plan may not be made, by status (refused or held) and rule."""
        rows = self._rows(_RULES, (run_id,))
        return {(status, rule): number for status, rule, number in rows}

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

    def end_plan(self, plan_id: str, at: datetime) -> None:
        """Note that an apply came to the end of a plan: every change of it was tried, or will not be."""
        with self._transaction() as db:
            db.execute("UPDATE plans SET ended_at = ? WHERE plan_id = ?", (stamp(at), plan_id))

    def tried(self, plan_id: str) -> dict[str, Tried]:
        """What became of each change of a plan that was begun: change id → its last try."""
        return {change_id: Tried(*told) for change_id, *told in self._rows(_TRIED, (plan_id,))}
