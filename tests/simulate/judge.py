"""The judge of a world: sees the vendors' truth and every request, and believes nothing that orgweave says."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from mappings.model import Op
from mappings.naming import fold, same
from mappings.parking import TEMPORARY
from sources.twin import TwinReply, TwinRequest
from state.safety import Intent, SafetyRecord
from tests.simulate.mind import Mind
from tests.simulate.paired import Write, announces, before, carries
from tests.simulate.towns import Town
from tests.simulate.vendors import House, Record, Truth

CANARY = b"CANARY"
LONG_AGO = 120.0  # seconds: what was there all the time is in any list, however stale


@dataclass
class Judge:
    """``violations``: what must never happen, and did. ``window``: edits that nobody could have seen before a write."""

    town: Town
    houses: Mapping[str, House]
    now: Callable[[], datetime]
    tell: Any
    plans: list[Mapping[str, Any]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    effects: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    window: set[tuple[str, str, str]] = field(default_factory=set)  # connection, source id, field
    touched: set[tuple[str, str]] = field(default_factory=set)  # records that people renamed or moved
    born: set[tuple[str, str]] = field(default_factory=set)
    rewritten: set[tuple[str, str]] = field(default_factory=set)
    renamed: int = 0  # twins of records that a person gave another one's name before anybody looked: taken for that one
    made: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    standing: dict[tuple[str, str], float] = field(default_factory=dict)
    called: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))  # at any run's beginning
    _listed: dict[str, list[tuple[datetime, Truth]]] = field(default_factory=lambda: defaultdict(list))
    _linked: dict[str, dict[str, str]] = field(default_factory=dict)
    _seen: dict[tuple[str, str], list[tuple[datetime, Record]]] = field(default_factory=lambda: defaultdict(list))
    _writes: dict[int, Write] = field(default_factory=dict)
    _before: Truth = field(default_factory=dict)
    _links: list[tuple[Any, ...]] = field(default_factory=list)

    def accuse(self, text: str) -> None:
        """Note a violation."""
        self.tell(f"  VIOLATION {text}")
        self.violations.append(text)

    def truth(self, name: str) -> Truth:
        """What a vendor holds."""
        return self.houses[name].truth(self.town.entity)

    def departs(self, name: str, request: TwinRequest, safety: SafetyRecord) -> None:
        """A write request leaves: somebody must have begun it, and a sealed plan must have called for it."""
        self.sent += 1
        self._linked[name] = safety.linked_ids(name, self.town.entity)
        told = request.json() or {}
        for open_ in safety.open_intents():
            if open_.intent.connection == name and announces(open_.intent, request, told):
                change = self._change(open_.intent)
                if change is None:
                    self.accuse(f"a write that no sealed plan holds: {request.method} {request.path} {told}")
                else:
                    self._writes[id(request)] = self._begun(name, request, open_.intent, change)
                return
        self.accuse(f"a write that was never begun: {name} {request.method} {request.path} {told}")

    def _begun(self, name: str, request: TwinRequest, intent: Intent, change: Mapping[str, Any]) -> Write:
        listed = before(self._listed[name], intent.begun_at) or {}
        seen = before(self._seen[name, str(intent.source_id)], intent.begun_at)
        return Write(name, request, intent, change, listed, seen)

    def _change(self, intent: Intent) -> Mapping[str, Any] | None:
        for plan in self.plans:
            for change in plan["changes"] if plan["plan_id"] == intent.plan_id else ():
                if change["id"] == intent.change_id:
                    fits = change["status"] == "ready" and change["op"] == intent.op
                    return change if fits and carries(change["after"], intent.payload) else None
        return None

    def shown(self, name: str, request: TwinRequest, truth: Truth) -> None:
        """An answer to a read arrived."""
        last = request.path.rpartition("/")[2]
        if asked := request.param("id"):  # the records of a list once more, in full: what this tells is newer
            ids = {key for key in map(str, json.loads(asked)) if key in truth}
            before = self._listed[name][-1][1] if self._listed[name] else {}
            self._listed[name].append((self.now(), before | {key: truth[key] for key in ids}))
        elif (
            last
            and not any(map(str.isdigit, last))
            and request.param("page", "1") == "1"
            and not request.param("cursor")
        ):
            self._listed[name].append((self.now(), truth))
        if self.houses[name].tree:  # there is no other read than the list
            for key, record in truth.items():
                self._seen[name, key].append((self.now(), record))
        elif last in truth:
            self._seen[name, last].append((self.now(), truth[last]))

    def watch(self, name: str, request: TwinRequest, reply: TwinReply | None, *, late: bool = False) -> None:
        """A request is about to be executed (no reply yet), or was."""
        if request.method == "GET":
            return
        if reply is None:
            self._before = self.truth(name)
            return
        write = self._writes.get(id(request))
        for key, record in self.truth(name).items():
            old = self._before.get(key)
            if old is None:
                self._made(name, key, record, write)
            elif old != record:
                self._changed(name, key, (old, record), write, late=late)
        for key in self._before.keys() - self.truth(name).keys():
            self.effects["delete"] += 1
            if write is None or write.intent.op != Op.DELETE or write.intent.source_id != key:
                self.accuse(f"{name}: record {key} was deleted, and no plan said so")

    def _made(self, name: str, key: str, record: Record, write: Write | None) -> None:
        self.effects["create"] += 1
        self.born.add((name, key))
        if write is None or write.intent.op != Op.CREATE:
            self.accuse(f"{name}: record {key} was made by no create")
            return
        intent = write.intent
        self.made[name, intent.canonical_id].append(key)
        there = self.truth(name)  # one that somebody took away before we looked is no twin
        twins = [one for one in self.made[name, intent.canonical_id] if one in there]
        known = self._linked.get(name, {})
        if any(known.get(one, intent.canonical_id) != intent.canonical_id for one in twins):
            self.renamed += 1
        elif len(twins) > 1:
            self.accuse(f"{name}: two records for one create: {twins} called {record['name']!r}")
        for other, one in write.listed.items():
            equal = _called(one) == _called(record) == _called(there.get(other, {"name": ""}))
            if equal and other != key and other not in self._linked.get(name, ()):
                self.accuse(f"{name}: {key} was made beside {other}, which was seen and is called so too")
        wrong = [one for one, value in intent.payload.items() if one in record and not same(value, record[one])]
        if wrong:
            self.accuse(f"{name}: record {key} was made with another {', '.join(wrong)} than the plan's")

    def _changed(self, name: str, key: str, both: tuple[Record, Record], write: Write | None, *, late: bool) -> None:
        self.effects["change"] += 1
        self.rewritten.add((name, key))
        old, new = both
        if write is None or write.intent.source_id != key:
            self.accuse(f"{name}: record {key} was changed by a write that was not about it")
            return
        seen = write.seen
        if seen is None and not late:
            self.accuse(f"{name}: {key} was written, and nobody had looked at it in this run")
        seen = seen or {}
        before = write.intent.before or {}
        for one in (one for one in old if old[one] != new[one]):
            if late or old[one] != seen.get(one):  # nobody could have seen it
                self.window.add((name, key, one))
                if one not in write.change["after"] and new[one] != seen.get(one):
                    self.accuse(f"{name}: {one} of {key} was changed, and the plan does not name it")
            elif one not in write.change["after"]:
                self.accuse(f"{name}: {one} of {key} was changed ({old[one]!r} → {new[one]!r}), unplanned")
            elif one != "parent_id" and not same(before.get(one), old[one]):
                self.accuse(f"{name}: {one} of {key} was {old[one]!r}, seen, and not {before.get(one)!r} as planned")

    def sealed(self) -> None:
        """A plan was sealed: it must keep within the limits, and spare what is protected."""
        plan = self.plans[-1]
        ready = [change for change in plan["changes"] if change["status"] == "ready"]
        counted = [change for change in ready if change["rule"] != TEMPORARY]  # the record's own rename counts
        renames = Counter(change["connection"] for change in counted if change["op"] in ("rename", "update", "move"))
        if self.town.tight and any(many > 5 for many in renames.values()):
            self.accuse(f"a plan with {max(renames.values())} renames, where 5 are allowed")
        for change in ready:
            if fold(str((change["before"] or {}).get("name", ""))) == "legal":
                self.accuse(f"a plan would change what is protected: {change['id']}")

    def run_began(self, now: float) -> None:
        """Nothing was looked at yet."""
        self._seen.clear()
        self._listed.clear()
        self.notice(now)

    def notice(self, now: float) -> None:
        """Note what is there."""
        for name in self.houses:
            for key, record in self.truth(name).items():
                self.standing.setdefault((name, key), now)
                self.called[name, key].add(record["name"])

    def run_ended(self, safety: SafetyRecord, mind: Mind, now: float) -> None:
        """No record that was there all the time is taken for gone; links only grow."""
        for name in self.houses:
            there, shadows = self.truth(name), mind.shadows[name, self.town.entity]
            for key in there:
                seen = shadows.get(key)
                old = now - self.standing.get((name, key), now) > LONG_AGO
                if old and seen is not None and not seen.present and not seen.restored:
                    self.accuse(f"{name}: {key} is there, and was taken for gone")
        links = safety.crosswalk_rows()
        if [row[:7] for row in links[: len(self._links)]] != [row[:7] for row in self._links]:
            self.accuse("the history of links was rewritten")
        known, self._links = len(self._links), links
        for _, one, name, key, method, *_ in links[known:]:
            if (name, key) not in self.standing and key not in self.truth(name) and (name, key) not in self.born:
                self.accuse(f"{name}: a link to {key}, which never was")
            if method == "journal" and key not in self.made[name, one] and not self._as_planned(name, key, one):
                self.accuse(f"{name}: {key} was adopted as ours, and is another one")

    def _as_planned(self, name: str, key: str, one: str) -> bool:
        """Whether a record that we did not make is called as the one that we wanted to make."""
        here = self.truth(name).get(key)
        changes = (change for plan in self.plans for change in plan["changes"])
        wanted = {
            (fold(change["after"]["name"]), self._place(name, change["after"].get("parent_id")))
            for change in changes
            if (change["connection"], change["canonical_id"], change["op"]) == (name, one, "create")
        }
        told = self.touched | self.rewritten  # what it was called when it was adopted nobody knows any more
        return here is None or (name, key) in told or (fold(here["name"]), here.get("parent_id")) in wanted

    def _place(self, name: str, parent: str | None) -> str | None:
        links = (row for row in self._links if row[1] == parent and row[2] == name)
        return next((row[3] for row in links), None)

    def look_for_secrets(self, texts: list[str], folder: Path) -> None:
        """No canary may stand in anything that was said or written."""
        found = [text[:80] for text in texts if CANARY.decode() in text or "canary-mail" in text]
        found += [file.name for file in folder.iterdir() if CANARY in file.read_bytes()]
        for place in found:
            self.accuse(f"a secret stands in {place}")


def _called(record: Record) -> tuple[str, str | None]:
    return fold(record["name"]), record.get("parent_id")
