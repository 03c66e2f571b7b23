"""``docs/operate.md``: what an operator copies from it works."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pipelines import metrics
from pipelines.errors import Exit
from tests.docs import DOCS
from tests.pipelines.processes import ORGWEAVE
from tests.pipelines.rig import DEPARTMENTS, LIMITS, Office
from tests.pipelines.test_metrics import METRICS, measured

TEXT = (DOCS / "operate.md").read_text(encoding="utf-8")
FIELD = r"(\*|\d+(-\d+)?(,\d+(-\d+)?)*)(/\d+)?"
LINE = re.compile(rf"({FIELD} +){{4}}{FIELD} +(?P<command>\S.*)")


def snippets(language: str) -> list[str]:
    found = re.findall(rf"(?ms)^```{language}\n(.*?)^```$", TEXT)
    assert found, language
    return found


def sh(code: str, folder: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - the document's own
        ["/bin/sh", "-euc", code], cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH with this orgweave on it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "code.py").write_text(ORGWEAVE, encoding="utf-8")
    program = folder / "orgweave"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {folder}/code.py "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def lines() -> list[re.Match[str]]:
    """The jobs of the crontab; a line that cron does not take fails."""
    found = []
    for line in snippets("crontab")[0].splitlines():
        if not re.fullmatch(r"[A-Z_]+=\S*", line):
            job = LINE.fullmatch(line)
            assert job is not None, line
            assert "%" not in job["command"]  # cron takes it for a line break
            found.append(job)
    return found


def test_the_lines_of_the_crontab_run_and_are_silent_where_nothing_happened(office: Office, path: str) -> None:
    office.clock.follow_the_machine()
    env = {"PATH": path, "ORGWEAVE_CONFIG": str(office.config), "LC_ALL": "C"}
    sync, check = (
        job["command"].replace("/srv/orgweave", str(office.folder)).replace(".venv/bin/", "") for job in lines()
    )
    stale = sh(check, office.folder, **env)
    assert (stale.returncode, stale.stdout.strip()) == (0, "orgweave is stale")
    for job in (sync, check):
        done = sh(job, office.folder, **env)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_takes_the_service_and_the_timer(tmp_path: Path) -> None:
    names = ("orgweave.service", "orgweave.timer")
    for name, text in zip(names, snippets("systemd"), strict=True):
        told = text.replace("/srv/orgweave/.venv/bin/orgweave", "/bin/true").replace("User=orgweave", "User=root")
        (tmp_path / name).write_text(told, encoding="utf-8")
    command = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in names)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - as above
    ours = [line for line in done.stderr.splitlines() if "orgweave." in line]
    assert (done.returncode, ours) == (0, [])


def test_the_function_for_schedulers_gives_the_result_or_raises(
    office: Office, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.clock.follow_the_machine()
    monkeypatch.setenv("PATH", path)
    code, *around = snippets("python")
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - the document's own
    done = names["sync"](str(office.folder))
    assert (done["needs_a_person"], done["exit_code"]) == (False, 0)
    office.config.write_text("[workspace\n", encoding="utf-8")
    with pytest.raises(names["Stopped"], match=r"exit 2: .*not TOML") as stopped:
        names["sync"](str(office.folder))
    assert not stopped.value.may_pass
    assert all(compile(text, "operate.md", "exec") for text in around)


@pytest.mark.parametrize("number", [0, pytest.param(1, marks=pytest.mark.long)])
def test_a_backup_is_restored_and_nothing_is_created_twice(office: Office, number: int) -> None:
    backups, restore = snippets("sh")[1:3], snippets("sh")[3]
    if number == 0 and shutil.which("sqlite3") is None:
        pytest.skip("the sqlite3 tool is not here")
    office.configure(DEPARTMENTS + LIMITS)
    office.tree(("Ops",))
    office.sync()
    backup = sh(backups[number], office.folder)
    assert (backup.returncode, backup.stderr) == (0, "")
    office.tree(("Sales",))
    office.sync()
    files, words = restore.splitlines()[:2], [line.split() for line in restore.splitlines()[2:]]
    assert sh("\n".join(files), office.folder).returncode == 0
    assert [(word[0], office.run(*word[1:]).code) for word in words] == [("orgweave", 0), ("orgweave", 0)]
    writes = office.writes()
    office.sync()
    assert office.writes() == writes
    assert office.at_amm() == office.at_hq() == ["Ops", "Sales"]


def test_the_configuration_in_the_document_loads_and_every_metric_is_in_it(office: Office) -> None:
    for text in snippets("toml"):
        told = tomllib.loads(text)
        office.configure(DEPARTMENTS + LIMITS + text)
        assert office.run("check", "--offline").code == 0
        assert told.keys() <= {"notify", "metrics", "publish"}
    office.configure(METRICS)
    office.tree(("Ops",))
    office.sync()
    assert set(re.findall(r"orgweave_\w+", TEXT)) == set(measured(office))
    assert metrics.READABLE == 0o644


def test_every_exit_code_is_told() -> None:
    told = {int(number) for number in re.findall(r"(?m)^\| (\d+)[ ,]", TEXT)}
    assert told == {int(one) for one in Exit} - {Exit.CHANGES} | {130}
