"""What happens to a name on its way into one system: other names for the same, slips of the hand, odd characters."""

from dataclasses import dataclass
from random import Random

from tests.bench.orgs_words import Word

Name = tuple[Word | str, ...]
"""A name as its parts, with blanks between them."""


@dataclass(frozen=True, slots=True)
class Rates:
    """The share of a system's records that each kind of noise befalls, independently of each other.

    ``renamed``: of the names with a word in them. ``translated``: of the names that are one word. ``moved``: of the
    second tree's records, with all that is below them; ``absent``: likewise, of every system's.
    """

    renamed: float = 0.06
    translated: float = 0.05
    typo: float = 0.02
    case: float = 0.04
    width: float = 0.02
    blanks: float = 0.03
    moved: float = 0.02
    absent: float = 0.04


RATES = Rates()
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
INVISIBLE = ("\u200b", "\u200d", "\ufeff", "\u00ad")


def plain(name: Name) -> str:
    """The name as it is."""
    return " ".join(part.name if isinstance(part, Word) else part for part in name)


def noisy(name: Name, rates: Rates, chance: Random) -> str:
    """The name as a system has it."""
    text = _called(name, rates, chance)
    steps = ((rates.typo, typo), (rates.case, case), (rates.width, wide), (rates.blanks, blanks))
    for rate, step in steps:
        if chance.random() < rate:
            text = step(text, chance)
    return text


def _called(name: Name, rates: Rates, chance: Random) -> str:
    """The name, or another for the same."""
    told = [at for at, part in enumerate(name) if isinstance(part, Word)]
    translated, renamed = (chance.random() < rate for rate in (rates.translated, rates.renamed))
    if translated and len(told) == len(name) == 1:
        return name[0].chinese if isinstance(name[0], Word) else name[0]
    if renamed and told:
        at = chance.choice(told)
        word = name[at]
        assert isinstance(word, Word)
        return plain((*name[:at], chance.choice([one for one in (word.short, *word.others) if one]), *name[at + 1 :]))
    return plain(name)


def typo(text: str, chance: Random) -> str:
    """Two letters swapped, one dropped, or one doubled; a name of fewer than four letters stays."""
    places = [at for at in range(len(text) - 1) if text[at : at + 2].isalpha() and text[at] != text[at + 1]]
    if len(places) < 3:
        return text
    at = chance.choice(places)
    before, one, two, after = text[:at], text[at], text[at + 1], text[at + 2 :]
    return before + chance.choice((two + one, one, one + one + two)) + after


def case(text: str, chance: Random) -> str:
    """All letters large, or small, or only the first one large."""
    return chance.choice((text.upper(), text.lower(), text[:1].upper() + text[1:].lower()))


def wide(text: str, _chance: Random) -> str:
    """Latin letters, digits and blanks as wide as Chinese characters."""
    return text.translate(WIDE)


def blanks(text: str, chance: Random) -> str:
    """A blank too many, one of another kind, or a character that nobody sees."""
    at = chance.randrange(1, len(text) + 1)
    found = [f" {text}", f"{text} ", text[:at] + chance.choice(INVISIBLE) + text[at:]]
    if " " in text:
        found += [text.replace(" ", "  ", 1), text.replace(" ", "\u00a0", 1), text.replace(" ", "\u3000", 1)]
    return chance.choice(found)
