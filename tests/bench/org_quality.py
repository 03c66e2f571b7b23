"""The quality of matching: ours and the baselines over the same organisations, with the same aliases."""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mappings.aliases import Aliases
from mappings.match import match
from mappings.model import Entity, Ref, Shadow
from mappings.naming import SEPARATOR
from tests.bench.measure import Broken, fresh_folder
from tests.bench.org_score import Pair, Score, best, linked, mutual, offered, pairs, proposed
from tests.bench.orgs import Org, make

SPLINK = Path(__file__).with_name("org_splink.py")
LONGEST = 600.0  # seconds for Splink


class Matched(StrEnum):
    """What counts as matched, by which way."""

    LINKED = "orgweave: linked by itself"
    PROPOSED = "orgweave: linked, or proposed first"
    OFFERED = "orgweave: linked, or among the proposed"
    EXACT = "exact name"
    UNIQUE = "exact name that is unique in both"
    SPLINK = "Splink: over the best threshold"
    MUTUAL = "Splink: likeliest of each other, over the best"


OURS = (Matched.LINKED, Matched.PROPOSED, Matched.OFFERED)


@dataclass(frozen=True, slots=True)
class Trial:
    """One way over the organisation of a seed; ``seconds``: what the matching took."""

    seed: int
    way: Matched
    score: Score
    seconds: float


def trials(seed: int, size: int, splink: str | None) -> Iterator[Trial]:
    """All ways over the organisation of a seed. ``splink``: a Python that has Splink; without one it is left out.

    Raises ``Broken`` where Splink fails.
    """
    org = make(seed, size)
    true = pairs(org.labels)
    for scores in (_ours, _exact):
        begun = time.perf_counter()
        told = scores(org)
        seconds = time.perf_counter() - begun
        yield from (Trial(seed, way, Score.of(pairs(groups), true), seconds) for way, groups in told.items())
    if splink:
        begun = time.perf_counter()
        likely = _likely(org, splink)
        seconds = time.perf_counter() - begun
        yield Trial(seed, Matched.SPLINK, best(likely, true), seconds)
        yield Trial(seed, Matched.MUTUAL, best(mutual(likely), true), seconds)


def _ours(org: Org) -> Mapping[Matched, Mapping[Ref, str]]:
    """Everything at once, as a first run does: nothing is known, and nothing linked."""
    found = match((), org.seen, {}, org.trees, aliases=Aliases(org.aliases))
    return {
        Matched.LINKED: linked(found),
        Matched.PROPOSED: proposed(found),
        Matched.OFFERED: offered(found, org.labels),
    }


def _exact(org: Org) -> Mapping[Matched, Mapping[Ref, str]]:
    key = Aliases(org.aliases).key
    keys = {shadow.ref: key(shadow.name) for shadows in org.seen.values() for shadow in shadows}
    bearers = Counter((ref.connection, name) for ref, name in keys.items())
    unique = {ref: name for ref, name in keys.items() if bearers[ref.connection, name] == 1}
    return {Matched.EXACT: keys, Matched.UNIQUE: unique}


def _likely(org: Org, python: str) -> dict[Pair, float]:
    """The pairs that Splink holds for possible, and how likely."""
    with fresh_folder() as folder:
        records, found = folder / "records.jsonl", folder / "pairs.json"
        records.write_text("\n".join(map(json.dumps, told(org))), encoding="utf-8")
        ran = subprocess.run(  # noqa: S603 - our own script, in the Python that a person named
            [python, str(SPLINK), str(records), str(found)],
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        if ran.returncode:
            raise Broken(f"Splink: {ran.stderr[-500:]}")
        likely = {}
        for one, one_id, other, other_id, likelihood in json.loads(found.read_text(encoding="utf-8")):
            low, high = sorted((Ref(one, Entity.DEPARTMENT, one_id), Ref(other, Entity.DEPARTMENT, other_id)))
            likely[low, high] = likelihood
        return likely


def told(org: Org) -> Iterator[Mapping[str, str | None]]:
    """Every record as Splink gets it: its name, the name above, and those above that as one text.

    A flat name is taken apart where it is qualified; where it is not, what is above is unknown.
    """
    key = Aliases(org.aliases).key
    for connection, shadows in org.seen.items():
        by_id = {shadow.ref.source_id: shadow for shadow in shadows}
        for shadow in shadows:
            names = _trail(shadow, by_id) if connection in org.trees else shadow.name.split(SEPARATOR)
            *above, leaf = map(key, names)
            parent, further = (above[-1] if above else None), SEPARATOR.join(above[:-1]) or None
            yield {
                "system": connection,
                "id": shadow.ref.source_id,
                "leaf": leaf,
                "parent": parent,
                "above": further,
            }


def _trail(shadow: Shadow, by_id: Mapping[str, Shadow]) -> list[str]:
    """The names from the top down to a record of a tree."""
    names: list[str] = []
    above: Shadow | None = shadow
    while above is not None:
        names.append(above.name)
        above = by_id.get(str(above.values.get("parent_id")))
    return names[::-1]
