"""Temporary names: they break a circle of names, where no record can have its new one before another gives it up."""

import re
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from mappings.model import NAME_FIELD, Op
from mappings.naming import fold
from mappings.plan import Change, Status

TEMPORARY = "temporary_name"
"""The rule of a change that gives a record a temporary name. The change that needs it gives it its own."""

PATTERN = "%(orgweave ____)"
"""What temporary names look like, as SQL knows patterns; whether one is ours, the journal tells."""

_MARK = re.compile(r"\s*\(orgweave [0-9a-f]{4}\)$")


def marked(name: str) -> bool:
    """Whether a name looks like a temporary one; whether it is ours, the journal tells."""
    return _MARK.search(name) is not None


_JOINER = "\u200d"
_SKIN = range(0x1F3FB, 0x1F400)
_FLAGS = range(0x1F1E6, 0x1F200)
_TAGS = range(0xE0020, 0xE0080)


def temporary_name(change: Change, taken: Container[str], longest: int | None) -> str | None:
    """The name that a record has in between: its own and a mark, the same whenever the plan is.

    ``taken``: folded names that are or will be had there. ``longest``: characters that the vendor takes. None where no
    name fits.
    """
    name = str((change.before or {}).get(NAME_FIELD[change.entity]) or "")
    base = "".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in _MARK.sub("", name)).strip()
    told = "\n".join(map(str, (change.connection, change.source_id, name, change.after[NAME_FIELD[change.entity]])))
    for attempt in range(0x1000):  # of 65,536 marks
        digest = sha256(f"{told} {attempt}".encode(errors="surrogatepass")).hexdigest()
        mark = f"(orgweave {digest[:4]})"
        room = len(base) if longest is None else longest - len(mark) - 1
        if room < 0:
            return None
        found = f"{shortened(base, room)} {mark}".strip()
        if fold(found) not in taken:
            return found
    return None


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters, cut only where what a person takes for one character ends."""
    if len(text) <= most:
        return text
    cut = most
    while cut > 0 and _inside(text, cut):
        cut -= 1
    return text[:cut].rstrip()


def _inside(text: str, cut: int) -> bool:
    """Whether a cut would part a character from its marks: accents, skin tones, joined emoji, flags, syllables."""
    before, after = text[cut - 1], text[cut]
    if unicodedata.category(after).startswith("M") or after == _JOINER or before == _JOINER:
        return True
    if ord(after) in _SKIN or ord(after) in _TAGS:
        return True
    if ord(after) in _FLAGS:
        count = 0
        while count < cut and ord(text[cut - 1 - count]) in _FLAGS:
            count += 1
        return count % 2 == 1
    return 0x1160 <= ord(after) <= 0x11FF  # the vowels and finals of a Korean syllable


def park(change: Change, name: str) -> tuple[Change, Change]:
    """The change that gives the record a temporary name, and its own from there on, a rename or an update."""
    field = NAME_FIELD[change.entity]
    now = (change.before or {}).get(field)
    reason = (
        f"a temporary name: another record of this plan takes {now!r} before {change.after[field]!r} is free. "
        "If it is left behind, the next sync finishes the rename"
    )
    first = replace(
        change, id=f"{change.id}:{TEMPORARY}", op=Op.RENAME, before={field: now}, after={field: name}, depends_on=()
    )
    return replace(first, rule=TEMPORARY, reason=reason), replace(change, before={**(change.before or {}), field: name})


def reminded(change: Change) -> Change:
    """A change that is not made, with the word that its record has a temporary name until it is; others as they are."""
    name = str((change.before or {}).get(NAME_FIELD[change.entity]) or "")
    if change.status == Status.READY or NAME_FIELD[change.entity] not in change.after or not _MARK.search(name):
        return change
    return replace(change, reason=f"{change.reason}; until then it has a temporary name, {name!r}")


def finals(changes: Iterable[Change]) -> dict[str, str]:
    """The id of each ready temporary rename → the id of the change that gives the record its own name."""
    told = list(changes)
    parks = {change.id: change for change in told if change.rule == TEMPORARY and change.status == Status.READY}
    return {
        need: change.id
        for change in told
        for need in change.depends_on
        if need in parks and _record(parks[need]) == _record(change)
    }


def _record(change: Change) -> tuple[str, str, str | None]:
    return change.connection, change.entity, change.source_id


def spread(changes: Sequence[Change], out: Mapping[str, Change]) -> set[str]:
    """The ids of the ready changes that cannot be made without those in ``out``, which are not made.

    They need one of them; or they would give a record a temporary name that nothing takes from it again.
    """
    last = finals(changes)
    lost: set[str] = set(out)
    before = -1
    while len(lost) > before:  # what a change needs stands before it: mostly one round tells all
        before = len(lost)
        for change in changes:
            needs = change.depends_on if change.id not in last else (*change.depends_on, last[change.id])
            if change.status == Status.READY and not lost.isdisjoint(needs):
                lost.add(change.id)
    return lost - out.keys()
