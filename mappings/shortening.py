"""Names that are too long for a target, cut so that none clashes and the same name is always cut alike."""

import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256

from mappings.naming import Names, fold, same
from mappings.target import Target

DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  # no letter that reads as another one
MARK = 8  # digits of five bits: of a million names that begin alike two share theirs once in two worlds, and are told
_JOINER = "\u200d"
_TRIMMED = " \t\u00a0\u3000/-–—_,;:"


def shortened(name: str, limit: int, taken: Collection[str] = ()) -> str:
    """The beginning of a name and a mark of the whole of it: ``limit`` characters (code points) at most.

    Cut after a word where one ends in the last third, and never inside a character that a reader sees as one (a letter
    with its accents, an emoji of several). ``taken``: folded names that it must not be; then the mark is longer.
    """
    for mark in _marks(name):
        tail = f" ~{mark}"[:limit]
        found = f"{_cut(name, limit - len(tail))}{tail}".strip()
        if fold(found) not in taken:
            return found
    raise AssertionError("two names share a whole digest")  # pragma: no cover


def shorten_all(names: Mapping[str, str], limit: int) -> dict[str, str]:
    """Each name that is longer than ``limit``, shortened, by the key under which it stands; no two names become one."""
    long = sorted({name for name in names.values() if len(name) > limit})
    if not long:
        return {}
    taken = {fold(name) for name in names.values()}
    cut: dict[str, str] = {}
    for name in long:
        cut[name] = shortened(name, limit, taken)
        taken.add(fold(cut[name]))
    return {key: cut[name] for key, name in names.items() if name in cut}


def fitted(names: Names, target: Target, *, shorten: bool) -> Names:
    """The names as the target can hold them. Without ``shorten`` only those that stand there so already."""
    limit = target.card.name_max
    if not limit:
        return names
    called = {key: path[-1] for key, path in names.paths.items()} if target.card.tree else names.flat
    short = shorten_all(called, limit)
    if not shorten:
        short = {key: name for key, name in short.items() if _stands(key, name, target)}
    if not target.card.tree:
        return replace(names, flat={**names.flat, **short})
    return replace(names, paths={**names.paths, **{key: (*names.paths[key][:-1], short[key]) for key in short}})


def _stands(key: str, name: str, target: Target) -> bool:
    shadow = target.shadows.get(target.here.get(key, ""))
    return shadow is not None and same(name, shadow.name)


def _marks(name: str) -> Iterator[str]:
    """The mark of a name, then longer ones. Vendors trim and compose: a name in another composition is the same."""
    digest = int.from_bytes(sha256(unicodedata.normalize("NFC", name).strip().encode("utf-8", "replace")).digest())
    digits = "".join(DIGITS[digest >> 5 * place & 31] for place in range(51))
    return (digits[:length] for length in range(MARK, len(digits) + 1))


def _cut(name: str, room: int) -> str:
    end = next((at for at in range(room, 0, -1) if not _joined(name, at)), room)
    word = next((at for at in range(end, end * 2 // 3, -1) if name[at].isspace()), end)
    return name[:word].rstrip(_TRIMMED) or name[:end]


def _joined(text: str, at: int) -> bool:
    """Whether two neighbours are one character to a reader (the rules of Unicode's annex 29, on the cautious side)."""
    before, after = text[at - 1], text[at]
    if _JOINER in (before, after) or unicodedata.category(after) in ("Mn", "Mc", "Me"):
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":  # skin tones, tags of flags
        return True
    if unicodedata.combining(before) == 9 or "\u1160" <= after <= "\u11ff":  # a virama binds; jamo within a syllable
        return True
    flags = next((length for length in range(at) if not _is_flag(text[at - 1 - length])), at)
    return _is_flag(after) and flags % 2 == 1


def _is_flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
