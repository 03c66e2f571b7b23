"""The documents on the published file: what they say is what the file holds and answers. ``make docs`` mends them."""

import re
from pathlib import Path

import pytest

import pipelines.pull
from mappings.relations import RELATIONS
from mappings.tables import TABLES
from state.published import ask
from tests import docs
from tests.docs import DOCS, NO_ROWS, VARIES, Question
from tests.pipelines.conftest import land
from tests.pipelines.published_org import make
from tests.pipelines.rig import run

QUERIES = (DOCS / "queries.md").read_text(encoding="utf-8")
QUESTIONS = docs.questions(QUERIES)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published file of a demo, without dlt, which takes most of its time."""
    folder = tmp_path_factory.mktemp("asked") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipelines.pull, "land", land)
        assert run("demo", str(folder), "--quiet").code == 0
    return folder / "org.duckdb"


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published file in which everything is found that can go wrong."""
    return make(tmp_path_factory.mktemp("busy") / "org.duckdb", 400)


def _title(one: Question) -> str:
    return f"{one.number}. {one.title}"


def test_there_are_twenty_questions_at_least_and_each_has_an_answer() -> None:
    assert len(QUESTIONS) >= 20
    assert [one.number for one in QUESTIONS] == list(range(1, len(QUESTIONS) + 1))
    assert len(re.findall(r"(?m)^### ", QUERIES)) == len(QUESTIONS)
    assert all(one.answer for one in QUESTIONS)


@pytest.mark.parametrize("one", QUESTIONS, ids=_title)
def test_the_demo_answers_as_the_document_says(one: Question, demo: Path) -> None:
    assert docs.answered(demo, one.sql) == one.answer, "the answer is another: make docs"


@pytest.mark.parametrize("one", [one for one in QUESTIONS if one.answer == NO_ROWS], ids=_title)
def test_a_question_that_the_demo_has_nothing_to_say_to_finds_what_it_looks_for(one: Question, busy: Path) -> None:
    assert docs.answered(busy, one.sql) != NO_ROWS


def test_moments_and_ids_are_the_only_parts_of_an_answer_that_may_vary(demo: Path) -> None:
    told = docs.answered(demo, "SELECT department_id, '14' AS source_id, now() AS moment FROM org.departments LIMIT 1")
    assert told.splitlines()[-1] == f"| {VARIES} | 14 | {VARIES} |"


def test_the_document_of_the_model_is_what_the_tables_say() -> None:
    assert (DOCS / "model.md").read_text(encoding="utf-8") == docs.model(), "it is out of date: make docs"


def test_every_relation_of_the_diagram_is_one_of_columns_that_are_published_and_holds(demo: Path) -> None:
    for one in RELATIONS:
        assert one.column in TABLES[one.table].columns
        assert one.key in TABLES[one.other].columns
        where = f"AND entity = '{one.of}'" if one.of else ""
        lost = (
            f"SELECT {one.column} FROM {one.table} WHERE {one.column} IS NOT NULL {where} "  # noqa: S608 - our own
            f"AND {one.column} NOT IN (SELECT {one.key} FROM {one.other})"
        )
        assert ask(demo, lost)[1] == [], one


def test_every_column_that_names_an_id_of_the_model_is_in_the_diagram() -> None:
    told = {(one.table, one.column) for one in RELATIONS} | {(one.other, one.key) for one in RELATIONS}
    ids = {
        (name, column)
        for name, table in TABLES.items()
        for column in table.columns
        if column in {"department_id", "team_id", "task_id", "person_id", "run_id", "canonical_id", "parent_id"}
    }
    history = {("org.department_history", "parent_id"), ("org.linked_records", "parent_id")}  # of another moment
    decided = {("ops.proposals", "canonical_id")}  # also one that a record was decided not to be
    assert ids - told == history | decided


def test_the_readme_leads_to_both() -> None:
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    assert "docs/model.md" in readme
    assert "docs/queries.md" in readme
