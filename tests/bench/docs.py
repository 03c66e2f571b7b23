"""The page of figures for people, part by part: each benchmark replaces its own and leaves the others alone."""

from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs" / "performance.md"


def replaced(page: str, part: str, text: str) -> str:
    """The page with this part's text; at the end where there was none."""
    begin, end = (f"<!-- {word} {part} -->\n" for word in ("begin", "end"))
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    gap = "\n" if not rest and before else ""
    return f"{before}{gap}{begin}{text}{end}{after}"


def write(part: str, text: str) -> str:
    """Write a part of docs/performance.md; the line that says so."""
    page = DOCS.read_text(encoding="utf-8") if DOCS.exists() else ""
    DOCS.write_text(replaced(page, part, text), encoding="utf-8")
    return f"written: docs/{DOCS.name}, {part}"
