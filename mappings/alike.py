"""How much two names are alike: typing errors, abbreviations, other word order, words that say nothing.

Names are keys (``Aliases.key``); distances count characters, not bytes. RapidFuzz is loaded with the first comparison.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from types import ModuleType

ENOUGH = 0.7  # less is not called alike

_WORDS = re.compile(r"[^\W_]+")
_NUMBERS = re.compile(r"\d+|[一二三四五六七八九十]+(?=[部组队区科处店期班]|$)")
_ROMAN = frozenset({"ii", "iii", "iv", "vi", "vii", "viii", "ix"})
_LITTLE = ("a", "an", "and", "the", "of", "for")
_KINDS = ("dept", "department", "departments", "team", "teams", "group", "division", "unit", "section", "office")
_EMPTY = frozenset((*_LITTLE, *_KINDS))
_ENDINGS = re.compile(r"(?:部门|中心|团队|小组|部|组|处|科|室)$")
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")

_LATIN = frozenset({"latin"})


@dataclass(frozen=True, slots=True)
class Name:
    """A key taken apart: the words that say something, what they start with, its numbers, its scripts."""

    key: str
    words: tuple[str, ...]
    core: str
    letters: str
    initials: str
    numbers: tuple[str, ...]
    scripts: frozenset[str]


@lru_cache(maxsize=200_000)
def name_of(key: str) -> Name:
    """The parts of a key."""
    every = tuple(_WORDS.findall(key))
    telling = tuple(word for word in every if word not in _EMPTY) or every
    words = tuple(_ENDINGS.sub("", word) or word for word in telling) if _HAN.search(key) else telling
    initials = "".join(word[0] for word in telling)
    numbers = [found for word in every for found in _NUMBERS.findall(word)]
    numbers += [word for word in every[1:] if (len(word) == 1 and word.isascii() and word.isalpha()) or word in _ROMAN]
    return Name(key, words, " ".join(words), "".join(words), initials, tuple(sorted(numbers)), _scripts(key))


def _scripts(key: str) -> frozenset[str]:
    if key.isascii():
        return _LATIN if any(map(str.isalpha, key)) else frozenset()
    return frozenset(_script(char) for char in key if char.isalpha())


def _script(char: str) -> str:
    if _HAN.match(char):
        return "han"
    return "latin" if char.isascii() else unicodedata.name(char, "?").partition(" ")[0].lower()


def alike(one: str, other: str) -> float | None:
    """From 0 to 1; None where the two are of different scripts, so that their letters say nothing."""
    if one == other:
        return 1.0
    return _alike(one, other) if one < other else _alike(other, one)


@lru_cache(maxsize=400_000)
def _alike(one: str, other: str) -> float | None:
    a, b = name_of(one), name_of(other)
    if a.scripts and b.scripts and a.scripts.isdisjoint(b.scripts):
        return None
    if not a.core or not b.core:
        return 0.0
    if short_for(a, b) or short_for(b, a):
        return 0.88
    if a.numbers != b.numbers:
        return 0.0 if a.numbers and b.numbers else min(0.6, _cores(a, b))
    return _cores(a, b)


def short_for(short: Name, long: Name) -> bool:
    """Whether a name is the first letters of another's words: HR, R&D."""
    letters = short.letters
    return letters == long.initials and 2 <= len(letters) <= 5 and len(long.words) >= 2 and letters.isalpha()


def _cores(a: Name, b: Name) -> float:
    if a.core == b.core:
        return 0.97
    if a.letters == b.letters:
        return 0.96
    if "han" in a.scripts | b.scripts:
        return _han(a.core, b.core)
    few, many = (a.words, b.words) if len(a.words) <= len(b.words) else (b.words, a.words)
    if len(few) < len(many):
        return max(_part(few, many), 0.95 * _glued(few, many))
    if len(few) == 1:
        return max(_word(few[0], many[0]), 0.9 * float(_fuzz().ratio(few[0], many[0])) / 100)
    like = _in_order(few, many)
    return like if like >= ENOUGH or set(few).isdisjoint(many) else 0.97 * _in_order(sorted(few), sorted(many))


def _in_order(few: Sequence[str], many: Sequence[str]) -> float:
    """Word for word; one that is not like its counterpart makes it another name."""
    told = whole = 0.0
    for one, other in zip(few, many, strict=True):
        like = _word(one, other)
        if like < ENOUGH:
            return 0.45
        told += like * (len(one) + len(other))
        whole += len(one) + len(other)
    return told / whole


def _part(few: tuple[str, ...], many: tuple[str, ...]) -> float:
    """Every word of one name is in the other, which says more."""
    left = list(many)
    for word in few:
        found = word if word in left else next((other for other in left if _word(word, other) >= ENOUGH), "")
        if not found:
            return 0.4
        left.remove(found)
    return 0.6 + 0.25 * sum(map(len, few)) / sum(map(len, many))


def _glued(few: tuple[str, ...], many: tuple[str, ...]) -> float:
    """A word of one is written as two in the other, or in short."""
    if few[0][0] != many[0][0] or (len(few) == 1 and len(few[0]) < 4):
        return 0.0
    short, long, at = list(few), list(many), 0
    likes: list[float] = []
    for word in short:
        if at >= len(long):
            return 0.0
        ahead = len(long) - at - (len(short) - len(likes) - 1)
        options = [(_word(word, "".join(long[at : at + size])), size) for size in range(1, ahead + 1)]
        options += [(0.88, len(word))] if _first_letters(long[at : at + len(word)]) == word else []
        like, size = max(options)
        likes.append(like)
        at += size
    return sum(likes) / len(likes) if at == len(long) and min(likes) >= ENOUGH else 0.0


def _first_letters(words: list[str]) -> str:
    return "".join(word[0] for word in words)


def _word(one: str, other: str) -> float:
    """Two words: equal, mistyped, one short for the other, or of one stem; 0.3 for any others."""
    if one == other:
        return 1.0
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    starts = short[0] == long[0]
    if starts and 2 <= len(short) <= 0.8 * len(long) and _within(short, long):
        return _shortened(short, long)
    away = _osa()(short, long, score_cutoff=2) if len(long) - len(short) <= 2 <= len(long) - 2 else 3
    if away == 1:
        return 0.93 if starts else 0.86
    if away == 2 and len(long) >= 7 and starts:
        return 0.86
    if len(short) >= 5 and short[:5] == long[:5] and short.startswith(long[: -(-6 * len(long) // 10)]):
        return 0.8
    return 0.3


def _shortened(short: str, long: str) -> float:
    if long.startswith(short):
        return 0.9 if len(short) > 2 else 0.75
    return 0.85 if short[-1] == long[-1] or len(short) >= 4 else 0.75


def _within(short: str, long: str) -> bool:
    letters = iter(long)
    return all(letter in letters for letter in short)


def _han(one: str, other: str) -> float:
    """Each character means something: another one weighs, one that is left out is how names are shortened."""
    short, long = sorted((one, other), key=len)
    if len(short) >= 2 and len(short) < len(long) and _within(short, long):
        return 0.72 + 0.2 * len(short) / len(long)
    away = _osa()(short, long)
    return max(0.0, 1 - away / len(long) - 0.05) if away * 3 <= len(long) else 0.3


@cache
def _fuzz() -> ModuleType:
    return import_module("rapidfuzz.fuzz")


@cache
def _osa() -> Callable[..., int]:
    distance: Callable[..., int] = import_module("rapidfuzz.distance.OSA").distance
    return distance
