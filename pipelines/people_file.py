"""``--people FILE``: who of the source's people is who at the target, where no e-mail address says so.

A CSV of two columns: at the source, at the target; each an id as orgweave tells it (``coworker:7``, ``user:9``) or an
e-mail address. What it says is kept as a person's word, as ``orgweave review link`` keeps it: it holds in later runs.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mappings.model import Entity, Link, Method, Ref
from pipelines.errors import UsageError
from pipelines.run import Run
from state.links import add_links, linked

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


@dataclass(slots=True)
class _Word:
    """What the file says so far: source id → canonical id of the target's person, and the links that it makes."""

    told: dict[str, str] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)  # source id at the target → canonical id, by this file


def people_of(run: Run, file: Path, source: str, target: str) -> Mapping[str, str]:
    """Source id of a person at the source → canonical id of the person at the target.

    Raises ``UsageError`` that names each bad row by its line; nothing is kept then.
    """
    ours, theirs = _crowd(run, source), _crowd(run, target)
    here = {key: one for one, key in theirs.canonical.items()}
    word, faults = _Word(), list[str]()
    for line, cells in _rows(file):
        try:
            _take(word, _pair(run, cells, ours, theirs), (ours, theirs), here, f"{file.name}, line {line}")
        except _Bad as fault:
            faults.append(f"line {line}: {fault}")
    if faults:
        more = f" (and {len(faults) - 5} more)" if len(faults) > 5 else ""
        raise UsageError(f"{file}: {'; '.join(faults[:5])}{more}. What to do: mend these rows")
    add_links(run.working, run.safety, word.links, run.run_id, run.clock.now())
    return word.told


def _rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows that say something, with their lines."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise UsageError(f"--people {file}: cannot be read as UTF-8: {fault}. What to do: name a CSV file") from fault
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


def _take(
    word: _Word, pair: tuple[str, str], crowds: tuple[_Crowd, _Crowd], here: Mapping[str, str], evidence: str
) -> None:
    """Take one row in. A person of the target whom no link knows becomes the source's; a known one stays who it is."""
    ours, theirs = crowds
    who, whom = pair
    if who in word.told:
        raise _Bad(f"{who} stands in an earlier row already")
    known = word.made.get(whom) or theirs.canonical.get(whom)
    if known is None:
        known = ours.canonical.get(who)
        if known is None:  # nothing there mentions them: no task needs the row
            return
        if known in here:
            told = f"{who} is {here[known]} at {theirs.name} already"
            raise _Bad(f"{told}: orgweave review unlink {theirs.name}:{here[known]}, or leave the row out")
        ref = Ref(theirs.name, Entity.PERSON, whom)
        word.links.append(Link(ref, known, Method.PERSON, evidence=evidence))
        word.made[whom] = known
    word.told[who] = known


def _crowd(run: Run, name: str) -> _Crowd:
    canonical = {one: key for key, one in linked(run.working, Entity.PERSON).get(name, {}).items()}
    ids, addressed = set(canonical), dict[str, tuple[str, ...]]()
    for resource in run.config.connections[name].vendor.resources:
        if resource.entity is Entity.PERSON:
            for record in map(json.loads, run.working.raw.every(name, resource.name)):
                source_id = f"{resource.prefix}{record[resource.id_field]}"
                ids.add(source_id)
                address = str(record.get(resource.fields.get("email", "")) or "").casefold()
                if address:
                    addressed[address] = (*addressed.get(address, ()), source_id)
    return _Crowd(name, frozenset(ids), addressed, canonical)
