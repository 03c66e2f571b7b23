"""``orgweave demo``: the whole loop, without an account and without a question."""

import os
import re
import time
from pathlib import Path

import pytest
from rich.cells import cell_len

import pipelines.pull
from pipelines import config as configuration
from pipelines.demo import this_command
from state.published import ask
from tests.pipelines.conftest import land
from tests.pipelines.processes import ran
from tests.pipelines.rig import Ran, run


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran, float]:
    """A demo as a process of its own: its folder, what it showed, and the seconds that it took."""
    folder = tmp_path_factory.mktemp("demo") / "here"
    began = time.monotonic()
    return folder, ran(["demo", str(folder)]), time.monotonic() - began


def test_the_demo_runs_in_under_thirty_seconds_and_ends_with_three_answers(demo: tuple[Path, Ran, float]) -> None:
    folder, shown, seconds = demo
    assert (shown.code, seconds < 30) == (0, True)
    assert shown.out.count("\n-- ") == 3
    for text in ("quality → Quality", "客户服务中心 / Europe / Support", "Zoë Müller", "深圳创业团队", "Workplace"):
        assert text in shown.out
    assert "not verified" not in shown.out
    lines = shown.out.splitlines()
    assert all(cell_len(line) <= 80 for line in lines if str(folder) not in line)
    assert not [line for line in lines if line != line.rstrip()], "blanks that fill a table up"
    assert lines[-3] == f"All of it is in {folder}/."
    assert lines[-2] == "Next: orgweave sandbox --port 8901"
    assert re.search(r"\d\dZ \[\d+/\d+\] amm: create ", shown.err)


def test_the_command_that_the_demo_ends_with_is_found_in_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "my bin" / "orgweave"
    script.parent.mkdir()
    script.touch(mode=0o700)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["my bin/orgweave", "demo"])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert this_command() == f"'{script}'"
    monkeypatch.setenv("PATH", str(script.parent))
    assert this_command() == "orgweave"


def test_the_demo_can_be_run_again_in_its_folder_and_writes_the_same(
    demo: tuple[Path, Ran, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipelines.pull, "land", land)
    folder, shown, _ = demo
    before = dict(os.environ)
    again = run("demo", str(folder), "--json")
    sent = again.json()["writes"]
    assert (again.code, sent[0] > 20, sent[1:]) == (0, True, [2, 0])
    text = f"Writes sent: {sent[0]} in the first sync, {sent[1]} in the second, {sent[2]} in the third."
    assert text in shown.out
    assert len(again.json()["answers"]) == 3
    assert all(answer["rows"] for answer in again.json()["answers"])
    assert ask(folder / "org.duckdb", "SELECT count(*) FROM ops.runs")[1] == [(3,)]
    assert configuration.load(folder / "orgweave.toml").publish == folder / "org.duckdb"
    assert {key for key in before if key.startswith("CONNECTIONS__")} <= os.environ.keys()


def test_the_demo_leaves_a_folder_alone_that_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "orgweave.toml").write_text("mine", encoding="utf-8")
    refused = run("demo", str(tmp_path))
    assert (refused.code, str(tmp_path) in refused.err) == (2, True)
    assert (tmp_path / "orgweave.toml").read_text(encoding="utf-8") == "mine"
    assert [file.name for file in tmp_path.iterdir()] == ["orgweave.toml"]
    assert run("demo", str(tmp_path / "orgweave.toml")).code == 2
