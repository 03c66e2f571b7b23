"""What a run makes of what it knows, in plain Python: golden records and names, by the rules of the SQL."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from mappings.model import FIELDS, NAME_FIELD, REFERENCE_FIELDS, Entity, Golden, Ref, Value
from mappings.naming import SEPARATOR, Node, agreed_head, flat_names, leaf, paths
from tests.simulate.knowledge import Key, Knowledge, Reading, Seen, text_of
from tests.simulate.merge import Said, Taken, holds, merged

__all__ = ["Key", "Mind", "Reading", "Seen"]


@dataclass
class Mind(Knowledge):
    """The golden records of what is known; the names of what is here are those of the working database."""

    def survive(self) -> None:
        """Merge what is out of date, and again where a name is then read otherwise."""
        self._survive()
        while self._name():
            self._survive()

    def _survive(self) -> None:
        beside = self._beside()
        for key in self.dirty:
            self.renamed = self.renamed or key[0] == Entity.DEPARTMENT
            self.golden.pop(key, None)
            before = self.fields.pop(key, {})
            refs = beside.get(key, [])
            known = [ref for ref in refs if ref.source_id in self.shadows[ref.connection, ref.entity]]
            if len(refs) == 1 and known:
                self.golden[key] = self._alone(key, known[0])
            elif known:
                self.fields[key] = self._contested(known, before)
                self.golden[key] = self._golden(key, known)
                self.unagreed.add(key)
        self.dirty.clear()

    def _alone(self, key: Key, ref: Ref) -> Golden:
        carries = self.voices[ref.entity][ref.connection].carries
        values = {name: self._value(ref, name) if name in carries else None for name in FIELDS[ref.entity]}
        origin = dict.fromkeys(carries, ref.connection)
        return Golden(ref.entity, key[1], values, origin, self._seen(ref).present)

    def _contested(self, refs: Collection[Ref], before: Mapping[str, Taken]) -> dict[str, Taken]:
        said: dict[str, list[Said]] = defaultdict(list)
        for one, name in self._standpoints(refs):
            said[name].append(one)
        return {name: merged(name, some, before.get(name)) for name, some in said.items()}

    def _standpoints(self, refs: Collection[Ref]) -> Iterator[tuple[Said, str]]:
        for ref in refs:
            voice, seen, bases = self.voices[ref.entity][ref.connection], self._seen(ref), self.bases.get(ref, {})
            for name in voice.carries:
                raw, base = seen.values.get(name), bases.get(name)
                agreed = self.links[ref.connection, ref.entity].get(str(base)) if name in REFERENCE_FIELDS else base
                yield (
                    Said(
                        *(ref.connection, ref.source_id, voice, raw, self._value(ref, name), base, agreed),
                        *(
                            name in bases,
                            seen.present,
                            seen.updated,
                            seen.restored,
                            self.since.get((ref, name), (0, 0)),
                        ),
                    ),
                    name,
                )

    def _golden(self, key: Key, refs: Collection[Ref]) -> Golden:
        taken = self.fields[key]
        lives = [(self.voices[ref.entity][ref.connection].authority, self._seen(ref).present) for ref in refs]
        first = [one for authority, one in lives if authority] or [one for _, one in lives]
        values = {name: taken[name].value if name in taken else None for name in FIELDS[key[0]]}
        return Golden(key[0], key[1], values, {name: one.connection for name, one in taken.items()}, any(first))

    def _flats(self) -> set[str]:
        voices = self.voices.get(Entity.DEPARTMENT, {})
        return {name for name, voice in voices.items() if "parent_id" not in voice.carries}

    def _departments(self) -> dict[str, Golden]:
        return {key: one for (entity, key), one in self.golden.items() if entity == Entity.DEPARTMENT}

    def _name(self) -> bool:
        """Tell the names of departments in flat systems anew; whether any name is read otherwise now."""
        if not self.renamed:
            return False
        self.renamed = False
        flats, there = self._flats(), self._departments()
        where = paths({key: Node(one.name, text_of(one.values["parent_id"])) for key, one in there.items()})
        read = dict(self._read(flats, there, where))
        for place in {*read, *self.leaves}:
            old, new = self.leaves.get(place), read.get(place)
            if new is None:
                otherwise = old is not None and old.leaf != old.name
            else:
                otherwise = new.leaf != (old.leaf if old is not None and old.name == new.name else new.name)
            one = self.links[place[0], Entity.DEPARTMENT].get(place[1])
            if otherwise and one is not None:
                self.dirty.add((Entity.DEPARTMENT, one))
        self.leaves = read
        living = {key: path for key, path in where.items() if there[key].active}
        flat = flat_names(living, self.naming) if flats else {key: path[-1] for key, path in living.items()}
        self.unagreed |= {(Entity.DEPARTMENT, key) for key, _ in set(flat.items()) ^ set(self.flat.items())}
        self.flat = flat
        return bool(self.dirty)

    def _read(
        self, flats: Collection[str], there: Mapping[str, Golden], where: Mapping[str, tuple[str, ...]]
    ) -> Iterator[tuple[tuple[str, str], Reading]]:
        beside = self._beside()
        for flat in sorted(flats):
            for source_id, one in self.links[flat, Entity.DEPARTMENT].items():
                ref = Ref(flat, Entity.DEPARTMENT, source_id)
                seen, golden = self.shadows[flat, Entity.DEPARTMENT].get(source_id), there.get(one)
                name = self._former(ref, text_of(seen.values.get("name"))) if seen else None
                if name is None or SEPARATOR not in name or golden is None or golden.values["parent_id"] is None:
                    continue
                above = where.get(str(golden.values["parent_id"]), ())
                agreed, leaves = self._agreed(ref, beside[Entity.DEPARTMENT, one])
                inputs, before = (name, above, agreed, leaves), self.leaves.get((flat, source_id))
                if before is not None and before.name == name and before.inputs == inputs:
                    yield (flat, source_id), before
                    continue
                told = leaf(name, above, agreed_head(agreed, leaves))
                if told == name and before is not None and before.name == name:
                    told = before.leaf
                yield (flat, source_id), Reading(name, told, inputs)

    def _agreed(self, ref: Ref, beside: Collection[Ref]) -> tuple[str | None, tuple[str, ...]]:
        """What a flat system agreed to call a record, where it qualified it, and what the others agreed to then."""
        base = self._base(ref)
        if base is None or SEPARATOR not in base:
            return None, ()
        leaves = (self._base(other) for other in beside if other.connection != ref.connection)
        return base, tuple(sorted(one for one in leaves if one is not None))

    def agree(self) -> dict[Ref, dict[str, Value]]:
        """Move the bases of what was merged to what its connections hold now; what moved."""
        beside, found = self._beside(), dict[Ref, dict[str, Value]]()
        flats = self._flats()
        for key in sorted(self.unagreed):
            if key not in self.golden or not self.golden[key].active:
                continue
            refs = [ref for ref in beside.get(key, []) if ref.source_id in self.shadows[ref.connection, ref.entity]]
            held: dict[str, list[tuple[Said, bool]]] = defaultdict(list)
            for one, name in self._standpoints(refs) if len(beside.get(key, [])) > 1 else ():
                if one.lives and name in self.fields.get(key, {}):
                    wanted = self.fields[key][name].value
                    if name == NAME_FIELD[key[0]] and key[0] == Entity.DEPARTMENT and one.connection in flats:
                        wanted = self.flat.get(key[1], str(wanted))
                    told = one.value if name in REFERENCE_FIELDS else one.raw
                    held[name].append((one, holds(one, told, wanted)))
            for name, some in held.items():
                settled = all(ok for one, ok in some if one.voice.authority)
                for one, ok in some:
                    if (
                        ok
                        and (settled or not one.voice.authority)
                        and not (one.based and one.base == one.raw and (one.since[0] == 0 or not one.voice.authority))
                    ):
                        found.setdefault(Ref(one.connection, key[0], one.source_id), {})[name] = one.raw
        return found

    def took(self, agreed: Mapping[Ref, Mapping[str, Value]], version: int, *, in_step: bool) -> None:
        """The safety record has them: they are known here too, unless others moved meanwhile."""
        for ref, values in agreed.items():
            self.bases.setdefault(ref, {}).update(values)
            self.since |= {(ref, name): (0, version) for name in values}
            self.written -= {(ref, name) for name in values}
        self._bases = version if in_step else self._bases
        self.unagreed.clear()

    @property
    def bases_known(self) -> int:
        """Up to which version the bases are known here."""
        return self._bases
