"""Documents that are made of the code: ``make docs`` writes them anew, tests/pipelines/test_docs.py compares them.

``docs/model.md`` is rendered of ``mappings.tables``, ``docs/cli.md`` of the commands' own help; ``docs/queries.md`` is
written by hand, its answers by the demo.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from mappings.provenance import PARTS
from mappings.queries import query
from mappings.relations import RELATIONS
from mappings.tables import MACROS, TABLES, Table
from mappings.views import VIEWS
from pipelines.explain import printable
from state.published import ask
from tests.docs_cli import cli

DOCS = Path(__file__).parent.parent / "docs"
VARIES = "…"
NO_ROWS = "no rows"
_QUESTION = re.compile(r"(?ms)^### (\d+)\. (.+?)$(.*?)^```sql\n(.*?)^```\n(.*?)(?=^##|\Z)")


@dataclass(frozen=True, slots=True)
class Question:
    """A question of docs/queries.md: its SQL, and the answer as the document has it."""

    number: int
    title: str
    sql: str
    answer: str


def questions(text: str) -> list[Question]:
    """The questions of a document, in its order."""
    return [Question(int(one[1]), one[2], one[4], one[5].strip()) for one in _QUESTION.finditer(text)]


def answered(path: Path, sql: str) -> str:
    """The answer of a published file, as a table in Markdown; moments and ids, which vary, as ``VARIES``."""
    columns, rows = ask(path, sql)
    if not rows:
        return NO_ROWS
    return "\n".join(_table(columns, [[_cell(one) for one in row] for row in rows]))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime) or (isinstance(value, str) and _is_id(value)):
        return VARIES
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return printable(text).replace("\\", "\\\\").replace("|", "\\|")


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def with_answers(text: str, path: Path) -> str:
    """The document with the answers of a published file."""

    def written(one: re.Match[str]) -> str:
        head = one[0][: one.end(4) - one.start(0)]
        return f"{head}```\n\n{answered(path, one[4])}\n\n"

    return _QUESTION.sub(written, text).rstrip() + "\n"


def model() -> str:
    """``docs/model.md``: every published table and column, and how they hang together."""
    parts = [_HEAD, "## How they hang together", _diagram("org"), _diagram("ops")]
    for schema, title in (("org", "`org`: the organisation"), ("ops", "`ops`: what orgweave did")):
        parts.append(f"## {title}")
        parts += [_described(name, table) for name, table in TABLES.items() if name.startswith(f"{schema}.")]
    parts += [_PARTS, *(_described(*one) for one in PARTS.items())]
    parts += [_VIEWS, *(_described(*one) for one in VIEWS.items())]
    parts += ["## Table macros", *(_macro(name, history) for name, history in MACROS.items())]
    return "\n\n".join(parts) + "\n"


_HEAD = """# The published file: every table and column

Written by `make docs` from the comments of `mappings/tables.py`, which the file itself carries too; a test compares
them. How it is made, opened and swapped: [guide.md](guide.md). Questions and their SQL: [queries.md](queries.md).

Ids are text and stable for the life of a workspace. Times are `TIMESTAMPTZ` in UTC. A record that is gone at its source
keeps its row, with `active = false`. `entity` says of which table a `canonical_id` is: department, team, task or
person."""


_PARTS = """## What `org.provenance` is made of

`org.provenance` is a view, so that a million tasks need not tell six values each a second time: what one account alone
holds is told by the tables above. The tables beneath it are not for questions, and may change; for older DuckDBs holds
what is said of the views below."""


_VIEWS = """## `bi`: views for tools that join nothing

Made of the tables above whenever they are asked. In a file `bi.duckdb` they stand in `main`. DuckDB 1.1 finds them in
the file that it opened, and not in one that it attached; later ones find them in both."""


def _diagram(schema: str) -> str:
    """The tables of a schema with their keys, and what refers to what, as Mermaid draws it."""
    told = [one for one in RELATIONS if one.table.startswith(f"{schema}.")]
    keys: dict[str, dict[str, str]] = {}
    for one in told:
        keys.setdefault(one.other, {})[one.key] = "PK"
    for one in told:
        keys.setdefault(one.table, {}).setdefault(one.column, "FK")
    lines = ["```mermaid", "erDiagram"]
    for name, columns in keys.items():
        lines.append(f"    {_short(name)} {{")
        lines += [f"        {TABLES[name].columns[key][0]} {key} {kind}" for key, kind in columns.items()]
        lines.append("    }")
    lines += [f'    {_short(one.table)} }}o--o| {_short(one.other)} : "{one.says}{_where(one.of)}"' for one in told]
    return "\n".join([*lines, "```"])


def _short(table: str) -> str:
    return table.replace(".", "_")


def _where(entity: str | None) -> str:
    return f" ({entity})" if entity else ""


def _described(name: str, table: Table) -> str:
    refers = {one.column: f"`{one.other}`" for one in RELATIONS if one.table == name and one.of is None}
    rows = [
        (f"`{column}`", f"`{kind}`", comment.replace("|", "\\|") + _refers(refers, column, comment))
        for column, (kind, comment) in table.columns.items()
    ]
    return "\n".join((f"### `{name}`", "", table.comment, "", *_table(("column", "type", "what it holds"), rows)))


def _refers(refers: Mapping[str, str], column: str, comment: str) -> str:
    other = refers.get(column)
    return "" if other is None or other.strip("`") in comment else f" Refers to {other}."


def _macro(name: str, history: str) -> str:
    text = query("org/as_of").partition("\n")[2].replace("{history}", history).replace("{macro}", f"org.{name}")
    example = f"org.{name}_as_of(TIMESTAMPTZ '2026-03-01 08:00:00Z')"
    told = f"The rows of `{history}` that held at a moment, as in `FROM {example}`."
    return "\n\n".join((f"### `org.{name}_as_of(ts)`", told, f"```sql\n{text.strip()}\n```"))


def main() -> None:
    """Write them anew."""
    (DOCS / "model.md").write_text(model(), encoding="utf-8")
    (DOCS / "cli.md").write_text(cli(), encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", "from pipelines.cli import main; main()", "demo", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command line
        path = DOCS / "queries.md"
        path.write_text(with_answers(path.read_text(encoding="utf-8"), Path(folder) / "org.duckdb"), encoding="utf-8")


if __name__ == "__main__":
    main()
