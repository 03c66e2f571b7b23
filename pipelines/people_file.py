"""``--people FILE``: who of the source's people is who at the target, where no e-mail address says so.

A CSV of two columns: at the source, at the target; each an id as orgweave tells it (``coworker:7``, ``user:9``) or an
e-mail address. What it says is kept as a person's word, as ``orgweave review link`` keeps it, once somebody consents to
the plan that was shown with it: it holds in later runs. Until then only a copy of the links knows it.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from mappings.model import Entity, Link, Method, Ref
from pipelines.errors import UsageError
from pipelines.run import Run
from state.links import linked, try_links
from state.safety import Successor

HEADER = {"source", "from", "id", "email", "e-mail"}


class _Bad(Exception):
    """What is wrong with a row."""


@dataclass(frozen=True, slots=True)
class _Crowd:
    """The people whom an account lists or mentions. ``addressed``: folded e-mail address → source ids."""

    name: str
    ids: frozenset[str]
    addressed: Mapping[str, tuple[str, ...]]
    canonical: Mapping[str, str]  # source id → canonical id, where it is linked
    back: Mapping[str, str]  # canonical id → source id


@dataclass(slots=True)
class People:
    """Who is who. ``told``: source id at the source → canonical id of the target's person.

    ``found``: every row of the file. ``made``: source id at the target → canonical id, of people whom no link knew.
    """

    told: dict[str, str] = field(default_factory=dict)
    found: list[Successor] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)


def people_of(run: Run, file: Path | None, source: str, target: str) -> People:
    """What the file says of the people of two accounts, and what earlier ones said; the links' copy holds it as tried.

    Raises ``UsageError`` that names each bad row by its line.
    """
    remembered = run.safety.successors(source, target)
    people = People()
    if file is None and not remembered:
        return people
    crowds = _crowd(run, source), _crowd(run, target)
    if file is not None:
        _hear(run, people, file, crowds)
    _recall(run, people, remembered, crowds)
    links = [
        Link(Ref(target, Entity.PERSON, whom), key, Method.PERSON, evidence="--people")
        for whom, key in people.made.items()
    ]
    try_links(run.working, links, run.clock.now())
    return people


def _hear(run: Run, people: People, file: Path, crowds: tuple[_Crowd, _Crowd]) -> None:
    """Take the rows of a file in."""
    faults: list[str] = []
    for line, cells in _rows(text_of(file)):
        try:
            who, whom = _pair(run, cells, *crowds)
            _take(people, (who, whom), crowds)
        except _Bad as fault:
            faults.append(f"line {line}: {fault}")
            continue
        people.found.append(_successor(people, (who, whom), crowds, f"{file.name}, line {line}"))
    if faults:
        more = f" (and {len(faults) - 5} more)" if len(faults) > 5 else ""
        raise UsageError(f"{file}: {'; '.join(faults[:5])}{more}. What to do: mend these rows")


def _recall(run: Run, people: People, remembered: Mapping[str, str], crowds: tuple[_Crowd, _Crowd]) -> None:
    """Take in what earlier files said of others, as far as they are there and nobody decided otherwise since."""
    ours, theirs = crowds
    heard, apart = {one.person.source_id for one in people.found}, run.safety.cannot_links()
    for who, whom in remembered.items():
        ref = Ref(theirs.name, Entity.PERSON, whom)
        if who in heard or whom not in theirs.ids or (ref, ours.canonical.get(who)) in apart:
            continue
        with suppress(_Bad):  # the link that a person made since wins
            _take(people, (who, whom), crowds)
            if whom in people.made:  # nothing mentioned them when the file was read: the link is still to be made
                people.found.append(_successor(people, (who, whom), crowds, "an earlier file"))


def _successor(people: People, pair: tuple[str, str], crowds: tuple[_Crowd, _Crowd], evidence: str) -> Successor:
    person, becomes = (Ref(one.name, Entity.PERSON, key) for one, key in zip(crowds, pair, strict=True))
    return Successor(person, becomes, people.told.get(pair[0]), evidence)


def text_of(file: Path) -> str:
    """The text of the file. Raises ``UsageError`` that says what it must hold."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else f"it is not UTF-8 ({fault})"
        raise UsageError(
            f"--people {file}: cannot be read: {why}. What to do: name a CSV file of two columns, the person at the "
            "source and the one at the target, each an id (coworker:7, user:9) or an e-mail address"
        ) from fault


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that say something, with their lines."""
    reader = csv.reader(text.splitlines())
    for cells in reader:
        plain = [cell.strip() for cell in cells]
        if any(plain) and not (reader.line_num == 1 and plain[0].casefold() in HEADER):
            yield reader.line_num, plain


def _pair(run: Run, cells: list[str], ours: _Crowd, theirs: _Crowd) -> tuple[str, str]:
    if len(cells) != 2 or not all(cells):
        raise _Bad(f"{len(cells)} cells; two are wanted: at {ours.name}, at {theirs.name}")
    found = _person(run, cells[0], ours), _person(run, cells[1], theirs)
    kinds = [one.partition(":")[0] for one in found]
    if kinds[0] != kinds[1]:
        raise _Bad(f"{cells[0]} is a {kinds[0]}, {cells[1]} a {kinds[1]}: no field holds both")
    return found


def _person(run: Run, cell: str, crowd: _Crowd) -> str:
    """The source id of the person whom a cell names."""
    if "@" not in cell:
        if cell not in crowd.ids:
            raise _Bad(f"{crowd.name} lists nobody of the id {cell} (an id looks like coworker:7 or user:9)")
        return cell
    if not run.config.email:
        raise _Bad(f"{cell} is an address, and these are kept only with [people] email = true")
    found = crowd.addressed.get(cell.casefold(), ())
    if len(found) != 1:
        several = f"{len(found)} people ({', '.join(found)}) have" if found else "nobody has"
        raise _Bad(f"at {crowd.name} {several} the address {cell}")
    return found[0]


def _take(people: People, pair: tuple[str, str], crowds: tuple[_Crowd, _Crowd]) -> None:
    """Take one pair in. A person of the target whom no link knows becomes the source's; a known one stays who it is."""
    ours, theirs = crowds
    who, whom = pair
    if who in people.told:
        raise _Bad(f"{who} stands in an earlier row already")
    known = people.made.get(whom) or theirs.canonical.get(whom)
    if known is None:
        known = ours.canonical.get(who)
        if known is None:  # nothing there mentions them: no task needs the row
            return
        if (held := theirs.back.get(known)) is not None:
            told = f"{who} is {held} at {theirs.name} already"
            raise _Bad(f"{told}: orgweave review unlink {theirs.name}:{held}, or leave the row out")
        people.made[whom] = known
    people.told[who] = known


def _crowd(run: Run, name: str) -> _Crowd:
    back = linked(run.working, Entity.PERSON).get(name, {})
    canonical = {one: key for key, one in back.items()}
    ids, addressed = set(canonical), dict[str, tuple[str, ...]]()
    for resource in run.config.connections[name].vendor.resources:
        if resource.entity is Entity.PERSON:
            for record in map(json.loads, run.working.raw.every(name, resource.name)):
                source_id = f"{resource.prefix}{record[resource.id_field]}"
                ids.add(source_id)
                address = str(record.get(resource.fields.get("email", "")) or "").casefold()
                if address:
                    addressed[address] = (*addressed.get(address, ()), source_id)
    return _Crowd(name, frozenset(ids), addressed, canonical, back)
