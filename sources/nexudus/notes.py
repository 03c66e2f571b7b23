"""Whether a tenant's task lists hold the notes back: the documents disagree, so the records are asked."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sources.errors import Incomplete
from sources.nexudus.settings import BATCH

Record = Mapping[str, Any]


class NotesProbe:
    """Asks by a sample of the tasks whose notes a list shows as null, one batch a walk; none once a list shows a note.

    Where neither the sample nor a list has shown any note yet, nothing is proved, and the next page's sample is looked
    at too. ``blank`` (lists hold notes back) is remembered for later walks; that they do not is found out anew.
    """

    def __init__(self) -> None:
        self.blank = False
        self._settled = False
        self._passed = 0

    def begin(self) -> None:
        """Start a walk."""
        self._settled = False
        self._passed = 0

    def sample(self, listed: Sequence[Record]) -> list[int]:
        """Ids of tasks to read in full, spread over the page: all without notes where lists hold them back."""
        empty = [record["Id"] for record in listed if record.get("Notes") is None]
        self._settled = self._settled or len(empty) < len(listed)
        if self.blank or not empty:
            return empty
        if self._settled:
            return []
        return empty[:: -(-len(empty) // BATCH)]

    def learn(self, listed: Sequence[Record], full: Iterable[Record]) -> list[int]:
        """Ids of this page to read as well, now that the sample has come.

        Raises ``Incomplete`` when it shows notes after earlier pages were taken as they stood; the next walk knows.
        """
        read = {record["Id"]: record for record in full}
        rest = [record["Id"] for record in listed if record.get("Notes") is None and record["Id"] not in read]
        if not self.blank and any(record.get("Notes") is not None for record in read.values()):
            self.blank = True
            if self._passed:
                raise Incomplete(f"task lists hold notes back, and {self._passed} tasks were taken without")
            return rest
        self._passed += len(rest)
        return []
