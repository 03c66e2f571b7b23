"""The open SQLite file beneath the safety record: transactions, reads, and errors that a person can act on."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import closing, contextmanager
from pathlib import Path
from threading import RLock, Thread, current_thread
from types import TracebackType
from typing import Any, Self, TypeVar

from state.errors import StateError

T = TypeVar("T")

_REFUSALS = {
    "links.connection, links.entity, links.source_id": "the record has a live link already; unlink it first",
    "links.entity, links.canonical_id, links.connection": (
        "another record of that connection is linked to the same canonical record; unlink that one first"
    ),
    "open_intent": "an open intent of the same content exists; settle that one first",
    "runs.run_id": "a run of this id was begun before; every run needs its own id",
    "receipts.read_id": "a receipt of this read is kept already; every read needs its own id",
    "plans.plan_id": "a plan of this id is kept already; plan again",
    "planned.plan_id, planned.change_id": "two changes of one plan have the same id; plan again",
    "FOREIGN KEY": "it names a run or a plan that was never begun; begin that first",
}

_REMEDIES = {
    "SQLITE_FULL": "Free some space on the disk and run again.",
    "SQLITE_BUSY": "Another program holds the file: wait for it to end and run again.",
    "SQLITE_READONLY": "Give the user that runs orgweave the right to write the file and its folder.",
    "SQLITE_CANTOPEN": "Give the user that runs orgweave the right to write the file and its folder.",
    "SQLITE_IOERR": "The disk is full, or failed: free some space, or look at the system's log, before you run again.",
}

_OUTER = ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
_INNER = ("SAVEPOINT one", "RELEASE one", ("ROLLBACK TO one", "RELEASE one"))


AFRESH = "all records are then matched from nothing, so look through the first plan before you apply it."


def damaged(path: Path, what: str) -> StateError:
    """The refusal of a file that cannot be trusted any more."""
    return StateError(
        f"{path}: damaged ({' '.join(what.split())}). Put {path.name} back from a backup: without it orgweave would "
        f"create its records a second time. Only to start afresh: move it and work.duckdb away; {AFRESH}"
    )


def explained(path: Path, error: Exception) -> StateError:
    """The same trouble in words: file, what is wrong, what to do."""
    if isinstance(error, UnicodeEncodeError):
        return StateError(
            f"{path}: a text holds half a character (a lone surrogate) and cannot be kept: mend its source."
        )
    text = str(error)
    if isinstance(error, sqlite3.IntegrityError):
        refusal = next((words for mark, words in _REFUSALS.items() if mark in text), text)
        return StateError(f"{path}: refused, nothing was changed: {refusal}.")
    name = getattr(error, "sqlite_errorname", None) or ""
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "decode to UTF-8" in text:
        return damaged(path, text)
    remedy = next((words for mark, words in _REMEDIES.items() if name.startswith(mark)), "Nothing was changed.")
    return StateError(f"{path}: {text}. {remedy}")


class Record:
    """One open connection, shared by threads one at a time; writes are whole or not there, and durable when done."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path = path
        self._db = db
        self._turn = RLock()
        self._behind: Future[None] | None = None  # a write that goes on in a thread of its own

    def beside(self, write: Callable[[], None]) -> None:
        """Begin a long write in a thread of its own; whatever else is asked of the file waits for its end.

        Raises what an earlier one raised. What this one raises, the next call does.
        """
        self._catch_up()
        future: Future[None] = Future()
        self._behind = future

        def carry_out() -> None:
            try:
                write()
            except BaseException as fault:
                future.set_exception(fault)
            else:
                future.set_result(None)

        self._writer = Thread(target=carry_out, name="safety record")
        self._writer.start()

    def _catch_up(self) -> None:
        """Wait for the end of a write that goes on beside, and raise what it raised."""
        if self._behind is not None and current_thread() is not self._writer:
            behind, self._behind = self._behind, None
            behind.result()

    def copy_to(self, path: Path) -> None:
        """Write a copy of the whole file, as it stands. StateError where that cannot be."""
        self._catch_up()
        with self._turn, closing(sqlite3.connect(path)) as other:
            try:
                self._db.backup(other)
            except sqlite3.Error as error:
                raise explained(path, error) from error

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        if self._behind is not None:
            wait([self._behind])
        with self._turn:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that is written inside becomes durable at once, when it ends well; a refusal undoes that one write."""
        with self._transaction():
            yield

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is written inside is durable when it ends well, and undone when it does not."""
        self._catch_up()
        with self._turn:
            inner = self._db.in_transaction  # this thread's own: nobody else has the turn
            begin, keep, undo = _INNER if inner else _OUTER
            done = False
            try:
                self._db.execute(begin)
                yield self._db
                self._db.execute(keep)
                done = True
            except (sqlite3.Error, UnicodeEncodeError) as error:
                raise explained(self.path, error) from error
            finally:
                if not done:
                    self._roll_back(undo)

    def _roll_back(self, undo: Sequence[str]) -> None:
        try:
            for one in undo if self._db.in_transaction else ():
                self._db.execute(one)
        except sqlite3.Error:  # closed, or rolled back by SQLite itself: the first error is the one to tell
            return

    def verify(self) -> None:
        """Compare every row with its indexes, which opening does not: 0.3 s for 10⁵ links, 4 s for 10⁶.

        SQLite keeps no checksums, so this is what finds a bit that flipped in an id. StateError where one did.
        """
        found = self._rows("PRAGMA integrity_check(1)")[0][0]
        stray = self._rows("PRAGMA foreign_key_check")
        if found != "ok" or stray:
            raise damaged(self.path, str(found) if found != "ok" else f"{len(stray)} rows name a lost run or plan")

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._each(tuple, sql, values)

    def _each(self, make: Callable[[tuple[Any, ...]], T], sql: str, values: Sequence[Any] = ()) -> list[T]:
        self._catch_up()
        with self._turn:
            try:
                return [make(row) for row in self._db.execute(sql, values)]
            except (sqlite3.Error, UnicodeEncodeError) as error:
                raise explained(self.path, error) from error
            except (KeyError, ValueError, TypeError) as error:  # a row that this code never wrote
                raise damaged(self.path, f"a row cannot be read: {error}") from error

    def _refusal(self, what: str) -> StateError:
        return StateError(f"{self.path}: refused, nothing was changed: {what}.")
