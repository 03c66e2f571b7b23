"""Organisations that are hard to move: deep, with namesakes, and with names that break what is careless with names."""

from random import Random

Path = tuple[str, ...]

WORDS = (
    *("Support", "Sales", "Finance", "Legal", "Field Service", "Procurement", "客服中心", "工程部", "财务", "السيارات"),
    *(
        "تطوير الأعمال",
        "מכירות",
        "Überführung",
        "Ñandú",
        "Ελλάδα",
        "東京支店",
        "🚀 Rockets",
        "👩‍👩‍👧 Families",
        "Ops & More",
    ),
    *("=SUM(A1:A9)", "+1 hotline", "-minus", "@team", "'; DROP TABLE departments; --", "O'Brien", '"quoted"', "50 %"),
    *("a/b", "R&D", "null", "0", "<b>bold</b>", "{name}", "%s %d", "\\n", "semi;colon", "comma, comma", "| pipe |"),
)
DEPTH = 6


def house(size: int, seed: int = 0) -> list[Path]:
    """So many departments as paths, parents first: six levels, namesakes everywhere, some names of 255 characters."""
    chance = Random(seed)  # noqa: S311 - a repeatable company, not a secret
    made: list[Path] = []
    taken: dict[Path, set[str]] = {}
    while len(made) < size:
        path: Path = ()
        if made and chance.random() > 0.05:
            path = chance.choice(made[-12:])[: DEPTH - 1]
        names = taken.setdefault(path, set())
        name = _name(chance, names)
        names.add(name.casefold())
        made.append((*path, name))
    return made


def _name(chance: Random, taken: set[str]) -> str:
    """A name that no other department of the same parent has."""
    while True:
        word = chance.choice(WORDS)
        if chance.random() < 0.02:
            word = (word + " " + "x长é" * 100)[:255]
        elif chance.random() < 0.35:
            word = f"{word} {chance.randint(1, 400)}"
        if word.casefold() not in taken:
            return word
