"""The mind of the simulation and the SQL that it stands for decide alike, whatever people edit."""

from pathlib import Path
from random import Random

import pytest

from mappings.model import Entity, Ref
from mappings.naming import Naming
from state import differing, golden
from state.codec import unpack
from state.golden import survive
from state.links import refresh_links
from state.merge import agree, refresh_bases, set_pins
from state.names import refresh_names
from state.unread import take_written
from state.voters import set_voters
from tests.mappings.landed import AMM, HQ, NOON, UDESK
from tests.simulate import queries
from tests.simulate.merge import Voice
from tests.simulate.mind import Mind, Seen
from tests.state.company import DEPARTMENT, MOMENT, Company, departments

TREE = {"1": None, "2": "1", "3": "1", "4": "2", "5": None}
WORDS = ("Sales", "Support", "客服", "A / B", "D1 / Support", "Sales / Ops", "Ops", "ops ", "Étage", "D2")
ROUNDS = 4


class Twice(Company):
    """Looks with the SQL, and with a mind; both must see the same."""

    mind: Mind
    unread: set[str]  # systems that do not answer at the next look

    def look_twice(self) -> None:
        """Read everything, merge and agree, in both ways."""
        self.runs += 1
        run_id, at = f"r{self.runs}", NOON + self.runs * 60 * MOMENT
        self.safety.begin_run(run_id, "sync", at)
        self._read()
        self.mind.refresh_links(self.safety)
        self.mind.refresh_bases(self.safety)
        self.mind.take_written()
        self.mind.survive()
        known = self.mind.bases_known
        working = self.ground.working
        set_voters(working, self._voters())
        refresh_links(working, self.safety)
        refresh_bases(working, self.safety)
        take_written(working)
        set_pins(working, [])
        survive(working, run_id)
        while refresh_names(working, Naming.QUALIFY):
            survive(working, run_id)
        self._compare()
        before = self.safety.bases_version
        agreed = self.mind.agree()
        agree(working, self.safety, run_id, at)
        self.mind.took(agreed, self.safety.bases_version, in_step=known + bool(agreed) == self.safety.bases_version)
        moved: dict[Ref, dict[str, object]] = {}
        for name, kind, source_id, what, value, *_ in self.safety.bases_since(before):
            moved.setdefault(Ref(name, Entity(kind), source_id), {})[what] = unpack(value)
        assert moved == agreed

    def _read(self) -> None:
        self.ground.bases = self.safety.bases_version
        for name in [one for one in self.order if one not in self.unread]:
            there = {key: _shown(name, key, one) for key, one in self.systems[name].items()}
            if self.seen.get(name) != there:
                self.ground.pull(name, departments=there)
                self.seen[name] = there
                seen = {key: _seen(name, one) for key, one in self.systems[name].items()}
                self.mind.set_shadows(name, DEPARTMENT, seen, self.ground.bases)
        self.unread.clear()

    def _compare(self) -> None:
        working, mind, ids = self.ground.working, self.mind, [f"d{key}" for key in TREE]
        assert queries.goldens(mind, DEPARTMENT, ids) == golden.goldens(working, DEPARTMENT, ids)
        assert mind.flat == dict(self.ground.rows("FROM live.flat_names"))
        assert queries.conflicts(mind, DEPARTMENT) == differing.conflicts(working, DEPARTMENT)
        living = [one for one in ids if mind.golden[DEPARTMENT, one].active]
        assert queries.names(mind, DEPARTMENT, living) == differing.names(working, DEPARTMENT, living)
        told = {one.canonical_id: one for one in queries.known(mind, DEPARTMENT)}
        assert told == {one.canonical_id: one for one in golden.known(working, DEPARTMENT)}
        assert queries.other_names(mind, DEPARTMENT) == golden.other_names(working, DEPARTMENT)
        for name in self.order:
            assert sorted(queries.taken(mind, DEPARTMENT, name)) == sorted(differing.taken(working, DEPARTMENT, name))
            seen = sorted(working.present_ids(name, DEPARTMENT))
            assert queries.drifted(mind, DEPARTMENT, name, seen) == differing.drifted(working, DEPARTMENT, name, seen)
            assert differing.drifted(working, DEPARTMENT, name, []) == {}
            assert queries.held(mind, DEPARTMENT, name) == differing.held(working, DEPARTMENT, name)


def _shown(name: str, key: str, one: dict[str, object]) -> dict[str, object]:
    from tests.state.company import _told

    return _told(name, key, one)


def _seen(name: str, one: dict[str, object]) -> Seen:
    if name == UDESK:
        parent = one["parent"]
        return Seen({"name": str(one["name"]), "parent_id": None if parent is None else str(parent)})
    text = one["text"]
    updated = int(one["at"].timestamp() * 1_000_000) if name == HQ else 0  # type: ignore[attr-defined]  # a time
    return Seen({"name": str(one["name"]), "description": None if text is None else str(text)}, updated=updated)


def edit(company: Twice, rng: Random) -> None:
    """Somebody changes something somewhere; or we do, or a record goes, or comes back."""
    name, key = rng.choice([UDESK, AMM, HQ]), rng.choice(sorted(TREE))
    here = company.systems[name]
    if rng.random() < 0.1 and len(here) > 3:
        here.pop(key, None)
    if key not in here:
        return
    what = rng.choice(["name", "name", "parent" if name == UDESK else "text"])
    if what == "parent":
        if key not in ("1", "5"):
            company.edit(name, key, what, rng.choice(["1", "5"]))
    elif what == "name" and rng.random() < 0.4:  # as if we had brought it in step
        company.edit(name, key, what, company.mind.flat.get(f"d{key}", f"D{key}"))
        if rng.random() < 0.5:  # the journal moves the base of what we write
            ref = Ref(name, DEPARTMENT, key)
            company.safety.agree({ref: {"name": str(here[key]["name"])}}, f"r{company.runs}", NOON, written=True)
            company.unread |= {name} if rng.random() < 0.5 else set()
    else:
        company.edit(name, key, what, rng.choice(WORDS if what == "name" else ["a", "b", None]))


def compare(seed: int, folder: Path) -> None:
    """Some rounds of edits, seen twice."""
    rng = Random(seed)  # noqa: S311 - a replay must draw the same
    ranked = rng.choice([(UDESK, HQ, AMM), (UDESK,), (HQ, UDESK), (AMM, HQ)])
    rule = rng.choice(["authority", "newest", "hold"])
    company = Twice(folder, departments(TREE), authority=ranked, on_conflict=rule)
    voices: dict[Entity, dict[str, Voice]] = {DEPARTMENT: {}}
    for one in company._voters():
        before = voices[DEPARTMENT].get(one.connection)
        carries = (before.carries if before else frozenset()) | {one.field}
        voices[DEPARTMENT][one.connection] = Voice(one.rank, one.authority, one.on_conflict, carries)
    company.mind, company.unread = Mind(voices, Naming.QUALIFY), set()
    try:
        for number in range(ROUNDS):
            for _ in range(rng.randint(1, 4) if number else 0):
                edit(company, rng)
            company.look_twice()
    finally:
        company.ground.__exit__(None, None, None)
        company.safety.close()


@pytest.mark.parametrize("seed", range(2))
def test_the_mind_decides_as_the_database_does(seed: int, tmp_path: Path) -> None:
    compare(seed, tmp_path)
