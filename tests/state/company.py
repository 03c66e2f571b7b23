"""Three systems with the same departments, people who edit them, and runs that merge: for the laws of the merge."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from mappings.model import Entity, Link, Method, Ref
from mappings.naming import Naming
from state.golden import survive
from state.links import refresh_links
from state.merge import agree, refresh_bases, set_pins
from state.names import refresh_names
from state.safety import SafetyRecord
from state.unread import take_written
from state.voters import Voter, set_voters
from tests.mappings.landed import AMM, CARRIES, HQ, NOON, UDESK, Ground
from tests.state.samples import opened

DEPARTMENT = Entity.DEPARTMENT
FIELDS: Mapping[str, tuple[str, ...]] = {UDESK: ("name", "parent"), AMM: ("name", "text"), HQ: ("name", "text")}
MOMENT = timedelta(minutes=1)

Department = dict[str, Any]


def departments(tree: Mapping[str, str | None]) -> dict[str, dict[str, Department]]:
    """Connection → id → department; each is called like its id, and has no text; ``tree``: id → parent."""
    return {
        UDESK: {key: {"name": f"D{key}", "parent": parent} for key, parent in tree.items()},
        AMM: {key: {"name": f"D{key}", "text": None} for key in tree},
        HQ: {key: {"name": f"D{key}", "text": None, "at": NOON} for key in tree},
    }


@dataclass
class Company:
    """The systems, who is an authority and who may be written to, and what orgweave remembers."""

    folder: Path
    systems: dict[str, dict[str, Department]]
    authority: Sequence[str] = (UDESK, HQ, AMM)
    on_conflict: str = "authority"
    order: Sequence[str] = (UDESK, AMM, HQ)
    ground: Ground = field(default_factory=Ground)
    safety: SafetyRecord = field(init=False)
    seen: dict[str, Any] = field(default_factory=dict)
    runs: int = 0

    def __post_init__(self) -> None:
        self.safety = opened(self.folder)
        self.safety.begin_run("r0", "sync", NOON)
        links = [
            Link(Ref(name, DEPARTMENT, key), f"d{key}", Method.EXACT)
            for name in self.order
            for key in self.systems[name]
        ]
        self.safety.add_links(links, "r0", NOON)

    def edit(self, name: str, key: str, what: str, value: str | None) -> None:
        """Somebody changes a field in a system."""
        self.systems[name][key][what] = value
        if name == HQ:
            self.systems[HQ][key]["at"] = NOON + self.runs * 60 * MOMENT + MOMENT

    def look(self) -> None:
        """Read everything, merge, and remember what is agreed."""
        self.ground.bases = self.safety.bases_version
        for name in self.order:
            there = {key: _told(name, key, one) for key, one in self.systems[name].items()}
            if self.seen.get(name) != there:
                self.ground.pull(name, departments=there)
                self.seen[name] = there
        working, run_id, at = self.ground.working, f"r{self.runs}", NOON + self.runs * 60 * MOMENT
        set_voters(working, self._voters())
        refresh_links(working, self.safety)
        refresh_bases(working, self.safety)
        take_written(working)
        set_pins(working, self.safety.pins(at))
        survive(working, run_id)
        while refresh_names(working, Naming.QUALIFY):
            survive(working, run_id)
        agree(working, self.safety, run_id, at)

    def names(self, *, anew: bool) -> tuple[list[Any], list[Any]]:
        """How names in flat systems are read, and what departments are called there; ``anew``: none is known yet."""
        self.ground.working.db.execute("DELETE FROM live.marks WHERE name = 'names'")
        if anew:
            self.ground.working.db.execute("UPDATE live.leaves SET inputs = 0; TRUNCATE live.flat_names")
        refresh_names(self.ground.working, Naming.QUALIFY)
        return self.ground.rows("FROM live.leaves ORDER BY ALL"), self.ground.rows("FROM live.flat_names ORDER BY ALL")

    def run(self, writable: Iterable[str] = (UDESK, AMM, HQ)) -> int:
        """Look, bring the systems in step, look again; how many values were written."""
        self.runs += 1
        self.safety.begin_run(f"r{self.runs}", "sync", NOON)
        self.look()
        written = sum(self._write(name) for name in writable)
        self.look()
        return written

    def golden(self) -> list[tuple[Any, ...]]:
        """What the model says: id, name, description, parent."""
        return self.ground.rows("SELECT canonical_id, name, description, parent_id FROM golden.records ORDER BY ALL")

    def disputed(self) -> set[tuple[str, str]]:
        """The fields that wait for a person."""
        return {(one, what) for one, what in self.ground.rows("SELECT canonical_id, field FROM golden.conflicts")}

    def forget(self) -> None:
        """Lose the working database."""
        self.ground.__exit__(None, None, None)
        self.ground = Ground()
        self.seen.clear()

    def _voters(self) -> list[Voter]:
        ranked = [*self.authority, *(one for one in self.order if one not in self.authority)]
        return [
            Voter(name, DEPARTMENT, one, rank, name in self.authority, self.on_conflict)
            for rank, name in enumerate(ranked, 1)
            for one in CARRIES[name, DEPARTMENT]
        ]

    def _write(self, name: str) -> int:
        open_ = self.disputed()
        flat = dict(self.ground.rows("FROM live.flat_names"))
        written = 0
        for canonical_id, title, text, parent in self.golden():
            called = title if name == UDESK else flat[canonical_id]
            wanted = {"name": called, "text": text, "parent": parent and parent.removeprefix("d")}
            here = self.systems[name][canonical_id.removeprefix("d")]
            for what, column in (("name", "name"), ("text", "description"), ("parent", "parent_id")):
                if what in here and here[what] != wanted[what] and (canonical_id, column) not in open_:
                    here[what] = wanted[what]
                    written += 1
        return written


def _told(name: str, key: str, one: Department) -> dict[str, Any]:
    """A department as its vendor would show it."""
    if name == UDESK:
        return {"id": int(key), "name": one["name"], "parent_id": int(one["parent"] or 0)}
    if name == AMM:
        return {"id": key, "name": one["name"], "description": one["text"]}
    return {"Id": int(key), "Name": one["name"], "Description": one["text"], "UpdatedOn": one["at"].isoformat()}
