"""The part of the safety record that counts the writes of each connection, for vendors that allow so many a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from state.codec import moment, stamp
from state.record import Record

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Spent:
    """How many writes of ``budget`` left in the 24 hours before; ``again``: when the next one may, None for now."""

    used: int
    budget: int
    again: datetime | None

    @property
    def left(self) -> int:
        """How many may leave now."""
        return max(self.budget - self.used, 0)


class Spending(Record):
    """The writes that left, one row a request.

    The window slides: at most ``budget`` writes in any 24 hours, whenever the vendor's own day begins.
    """

    def count_write(self, connection: str, at: datetime) -> int:
        """Count a write that is about to leave; durable on return. The number that ``uncount_write`` takes."""
        with self._transaction() as db:
            done = db.execute("INSERT INTO sent_writes (connection, sent_at) VALUES (?, ?)", (connection, stamp(at)))
            if done.lastrowid is None:
                raise self._refusal("SQLite gave the write no number; run again")
            return done.lastrowid

    def uncount_write(self, number: int) -> None:
        """Take back a write that provably never left."""
        with self._transaction() as db:
            db.execute("DELETE FROM sent_writes WHERE seq = ?", (number,))

    def spent(self, connection: str, budget: int, at: datetime) -> Spent:
        """What a connection has used up of a budget of ``budget`` writes in 24 hours."""
        now = stamp(at)
        with self._transaction() as db:  # a clock that was ahead and put right must not lock the connection for years
            db.execute(
                "UPDATE sent_writes SET sent_at = ? WHERE connection = ? AND sent_at > ?", (now, connection, now)
            )
        return self.used_up(connection, budget, at)

    def used_up(self, connection: str, budget: int, at: datetime) -> Spent:
        """The same, and nothing is put right: for those who only look."""
        window = (connection, stamp(at - DAY))
        used = self._rows("SELECT count(*) FROM sent_writes WHERE connection = ? AND sent_at > ?", window)[0][0]
        if used < budget:
            return Spent(used, budget, None)
        newest_first = "SELECT sent_at FROM sent_writes WHERE connection = ? AND sent_at > ? ORDER BY sent_at DESC"
        in_the_way = self._rows(f"{newest_first} LIMIT 1 OFFSET ?", (*window, budget - 1))[0][0]
        return Spent(used, budget, min(moment(in_the_way), at) + DAY)
