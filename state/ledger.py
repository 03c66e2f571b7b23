"""The part of the safety record that tells what happened: runs, receipts, and which tenant a connection was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from mappings.receipt import Mode, Receipt
from state.codec import moment, moment_or_none, pack, stamp, unpack
from state.record import Record


@dataclass(frozen=True, slots=True)
class Run:
    """One command that ran, or still runs (``finished_at`` is None), or was killed (likewise)."""

    run_id: str
    command: str
    started_at: datetime
    finished_at: datetime | None
    exit_code: int | None
    summary: Mapping[str, Any]


_LAST_PULL = """
SELECT started_at, json_extract(summary, ?1) FROM runs
WHERE summary IS NOT NULL AND json_type(summary, ?1) IS NOT NULL ORDER BY seq DESC LIMIT 1
"""
_RECEIPT = tuple(field.name for field in fields(Receipt))
_COLUMNS = ", ".join(f'"{name}"' for name in _RECEIPT)
_PLACES = ", ".join("?" for _ in _RECEIPT)


def _receipt_row(receipt: Receipt) -> tuple[Any, ...]:
    values = (getattr(receipt, name) for name in _RECEIPT)
    return tuple(stamp(value) if isinstance(value, datetime) else value for value in values)


def _receipt(row: tuple[Any, ...]) -> Receipt:
    told = dict(zip(_RECEIPT, row, strict=True))
    told["mode"] = Mode(told["mode"])
    told["started_at"] = moment(told["started_at"])
    told["finished_at"] = moment(told["finished_at"])
    told["complete"] = bool(told["complete"])
    told["since"] = moment_or_none(told["since"])
    told["watermark"] = moment_or_none(told["watermark"])
    return Receipt(**told)


class Ledger(Record):
    """Runs, receipts and fingerprints."""

    def begin_run(self, run_id: str, command: str, at: datetime) -> None:
        """Everything else that is kept names the run that did it. StateError where the id was used before."""
        with self._transaction() as db:
            db.execute("INSERT INTO runs (run_id, command, started_at) VALUES (?, ?, ?)", (run_id, command, stamp(at)))

    def end_run(self, run_id: str, exit_code: int, at: datetime, summary: Mapping[str, Any]) -> None:
        """Close a run. StateError where it was never begun, or has ended."""
        with self._transaction() as db:
            done = db.execute(
                "UPDATE runs SET finished_at = ?, exit_code = ?, summary = ? WHERE run_id = ? AND finished_at IS NULL",
                (stamp(at), exit_code, pack(summary), run_id),
            )
            if done.rowcount != 1:
                raise self._refusal(f"run {run_id} was never begun, or has ended; end a run once")

    def amend_run(self, run_id: str, exit_code: int) -> None:
        """Give a run that has ended another exit code: what came after it failed."""
        with self._transaction() as db:
            db.execute("UPDATE runs SET exit_code = ? WHERE run_id = ?", (exit_code, run_id))

    def runs(self, limit: int | None = None) -> list[Run]:
        """What ran, newest first."""
        sql = "SELECT run_id, command, started_at, finished_at, exit_code, summary FROM runs ORDER BY seq DESC LIMIT ?"
        rows = self._rows(sql, (-1 if limit is None else limit,))
        return [
            Run(run_id, command, moment(started), moment_or_none(finished), code, unpack(summary))
            for run_id, command, started, finished, code, summary in rows
        ]

    def add_receipts(self, receipts: Sequence[Receipt]) -> None:
        """Keep the proofs of reads, all or none. StateError where a read id is kept already."""
        with self._transaction() as db:
            db.executemany(
                f"INSERT INTO receipts ({_COLUMNS}) VALUES ({_PLACES})",  # noqa: S608 - the fields of Receipt, no input
                [_receipt_row(receipt) for receipt in receipts],
            )

    def receipts(self, run_id: str | None = None) -> list[Receipt]:
        """The receipts of one run, or of all, oldest first."""
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM receipts WHERE ?1 IS NULL OR run_id = ?1 ORDER BY seq",  # noqa: S608 - as above
            (run_id,),
        )
        return [_receipt(row) for row in rows]

    def last_complete(self, connection: str, resource: str) -> Receipt | None:
        """The newest complete full read: what the next one is measured against."""
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM receipts WHERE connection = ? AND resource = ? "  # noqa: S608 - as above
            "AND complete = 1 AND mode = 'full' ORDER BY seq DESC LIMIT 1",
            (connection, resource),
        )
        return _receipt(rows[0]) if rows else None

    def last_whole(self, connection: str, resource: str) -> datetime | None:
        """When the newest complete read began, of all or of changes."""
        sql = "SELECT started_at FROM receipts WHERE connection = ? AND resource = ? AND complete = 1 ORDER BY seq DESC"
        rows = self._rows(f"{sql} LIMIT 1", (connection, resource))
        return moment(rows[0][0]) if rows else None

    def last_pull(self, connection: str) -> tuple[datetime, Mapping[str, Any]] | None:
        """When the last run began that ended and was to read a connection, and what came of it."""
        rows = self._rows(_LAST_PULL, (f"$.pull.{connection}",))
        return (moment(rows[0][0]), unpack(rows[0][1])) if rows else None

    def fingerprint(self, connection: str) -> Mapping[str, Any] | None:
        """What the connection's tenant looked like when it was last kept."""
        rows = self._rows("SELECT value FROM fingerprints WHERE connection = ?", (connection,))
        found: Mapping[str, Any] | None = unpack(rows[0][0]) if rows else None
        return found

    def keep_fingerprint(self, connection: str, value: Mapping[str, Any], at: datetime) -> None:
        """Keep what the tenant looks like, in place of what was kept before."""
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO fingerprints VALUES (?, ?, ?)", (connection, pack(value), stamp(at)))
