"""docs/migrate.md: every line of it is run against the emulated vendors, in its order, and shows what it says."""

import re
import shlex
import subprocess
from pathlib import Path

from pipelines.sandbox import SECRETS
from tests.docs import DOCS
from tests.pipelines.processes import started
from tests.pipelines.rig import Office

TEXT = (DOCS / "migrate.md").read_text(encoding="utf-8")
BLOCKS = [one.splitlines() for one in re.findall(r"(?ms)^```console\n(.*?)^```", TEXT)]
SETUP, STEPS = BLOCKS[:2], BLOCKS[2:]


def lines(block: list[str]) -> list[tuple[str, int, list[str]]]:
    """The commands of a block, each with its exit code and the lines that stand under it."""
    found: list[tuple[str, int, list[str]]] = []
    for line in block:
        if line.startswith("$ "):
            command, _, code = line[2:].partition("# exit ")
            found.append((command.strip(), int(code or 0), []))
        else:
            found[-1][2].append(line)
    return found


def last_writer(office: Office) -> str:
    [(run_id,)] = office.ask(
        "SELECT run_id FROM ops.runs WHERE command = 'migrate' ORDER BY started_at DESC LIMIT 1 OFFSET 1"
    )
    return str(run_id)


def test_every_command_of_the_how_to_does_what_stands_under_it(quick_company: Office) -> None:
    office = quick_company
    office.folder.joinpath("cwd").mkdir()
    for command, code, shown in [one for block in STEPS for one in lines(block)]:
        words = [last_writer(office) if word == "LAST" else word for word in shlex.split(command)]
        words = [
            str(office.folder / word) if word in ("loss.csv", "loss.md", "migration.toml") else word for word in words
        ]
        if words[0] == "printf":
            Path(words[3]).write_text(words[1].replace("\\n", "\n"), encoding="utf-8")
            continue
        assert words[0] == "orgweave"
        ran = office.run(*words[1:])
        assert ran.code == code, f"{command}\n{ran.text}"
        text = " ".join(ran.text.split())
        for line in shown:
            assert " ".join(line.split()) in text, f"{command}\n{ran.text}"
    assert (office.folder / "loss.csv").stat().st_size > 500
    assert "Loss report" in (office.folder / "loss.md").read_text(encoding="utf-8")


def test_the_first_steps_make_a_configuration_and_its_secrets_of_what_the_sandbox_prints(tmp_path: Path) -> None:
    [[(serve, _, _)], [(secrets, _, _), (check, _, _)]] = [lines(block) for block in SETUP]
    words = shlex.split(serve.partition(">")[0])
    assert words == ["orgweave", "sandbox", "--port", "8901"]
    assert check == "orgweave check"
    with started(["sandbox", "--port", "0"]) as sandbox:
        assert sandbox.stdout is not None
        printed: list[str] = []
        while not printed or not printed[-1].startswith("creates ="):
            printed.append(sandbox.stdout.readline())
        sandbox.terminate()
    (tmp_path / "orgweave.toml").write_text("".join(printed), encoding="utf-8")
    told = subprocess.run(  # noqa: S603 - the document's own line
        ["/bin/bash", "-c", f"{secrets}; env"],
        cwd=tmp_path,
        env={"PATH": "/bin:/usr/bin"},
        capture_output=True,
        check=True,
    )
    assert {f"{key}={value}" for key, value in SECRETS.items()} <= set(told.stdout.decode().splitlines())
    assert '[connections.hq]\nvendor      = "nexudus"' in "".join(printed)
