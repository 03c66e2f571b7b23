"""docs/faults.md names every row of the catalogue, and tests that exist."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
TEXT = (TESTS.parent / "docs" / "faults.md").read_text(encoding="utf-8")
COUNTS = {"N": 13, "H": 13, "A": 11, "R-": 6, "P": 13, "J": 12}
ROWS = re.findall(r"^\| ([A-Z]-?\d+) \| (.+?) \| (.+) \|$", TEXT, re.MULTILINE)
NAMED = sorted({match for _, _, proof in ROWS for match in re.findall(r"`([\w/]+\.py)::(\w+)`", proof)})


def test_every_row_of_the_catalogue_stands_once_in_the_table() -> None:
    expected = [f"{group}{number}" for group, count in COUNTS.items() for number in range(1, count + 1)] + ["O7"]
    assert sorted(row for row, _, _ in ROWS) == sorted(expected)


@pytest.mark.parametrize("row", ROWS, ids=[row for row, _, _ in ROWS])
def test_a_row_says_what_holds_and_names_a_test_or_a_reason(row: tuple[str, str, str]) -> None:
    _, holds, proof = row
    assert len(holds) > 10
    assert "::test_" in proof or len(proof) > 40


@pytest.mark.parametrize("path", sorted({path for path, _ in NAMED}))
def test_every_test_that_is_named_exists(path: str) -> None:
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert {name for named, name in NAMED if named == path} <= there
