"""``make new-vendor``, and every line of docs/new-vendor.md that is code."""

import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

from pipelines import config as configuration
from tests import new_vendor
from tests.distribution import install, installed

ROOT = Path(__file__).parent.parent
GUIDE = ROOT / "docs" / "new-vendor.md"
POINTS = {"acme": "orgweave_acme.settings:VENDOR"}


def blocks(language: str) -> list[str]:
    """The guide's fenced blocks in a language."""
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def test_a_fresh_vendor_passes_the_contract_suite_at_once(tmp_path: Path) -> None:
    package = new_vendor.make("acme", tmp_path)
    install(tmp_path / "site", "orgweave-acme", POINTS, {})
    paths = os.pathsep.join(map(str, (package, tmp_path / "site", ROOT)))
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "-c", "pyproject.toml", "."],
        cwd=package,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"\b1\d\d passed", ended.stdout)


def test_nothing_of_the_template_s_own_name_is_left(tmp_path: Path) -> None:
    package = new_vendor.make("acme_hr", tmp_path)
    texts = {path.relative_to(package): path.read_text("utf-8") for path in package.rglob("*") if path.is_file()}
    assert {str(path) for path in texts} == {
        "README.md",
        "pyproject.toml",
        "test_contract.py",
        *(f"orgweave_acme_hr/{one}.py" for one in ("__init__", "client", "rehearsal", "sandbox", "settings")),
        "orgweave_acme_hr/mapping.sql",
    }
    assert not [path for path, text in texts.items() if "toy" in text.casefold() or "vendor_template" in text]
    assert 'name = "orgweave-acme-hr"' in texts[Path("pyproject.toml")]
    assert "class AcmeHrClient:" in texts[Path("orgweave_acme_hr/client.py")]


@pytest.mark.parametrize("name", ["Acme", "a-b", "", "../x", "nexudus", "files"])
def test_a_name_that_cannot_be_is_refused_with_the_way_to_ask(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        new_vendor.main([*filter(None, [name]), "--into", str(tmp_path)])
    assert "make new-vendor NAME=acme" in str(refused.value)
    assert list(tmp_path.iterdir()) == []
    capsys.readouterr()


def test_a_package_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    package = new_vendor.make("acme", tmp_path)
    (package / "README.md").write_text("mine")
    with pytest.raises(ValueError, match="exists already"):
        new_vendor.make("acme", tmp_path)
    assert (package / "README.md").read_text() == "mine"


def test_the_guide_s_commands_are_those_that_the_scaffold_names() -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    first, *rest = [line for line in lines if not line.startswith("orgweave ")]
    assert first == "make new-vendor NAME=acme"
    assert rest == new_vendor.next_steps(Path("../orgweave-acme"))
    recipe = subprocess.run(  # noqa: S603 - the guide's own line
        [str(which("make")), "-n", "-o", "setup", *first.split()[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "-m tests.new_vendor acme --into .." in recipe.stdout


@pytest.mark.parametrize("language", ["python", "sql"])
def test_the_guide_quotes_the_scaffold(tmp_path: Path, language: str) -> None:
    package = new_vendor.make("acme", tmp_path)
    suffix = {"python": "*.py", "sql": "*.sql"}[language]
    written = "\n".join(path.read_text("utf-8") for path in sorted(package.rglob(suffix)))
    quoted = [line for block in blocks(language) for line in block.splitlines() if line.strip() not in ("", "...")]
    assert quoted
    assert [line for line in quoted if line not in written.splitlines()] == []


def test_the_guide_s_configuration_is_one(tmp_path: Path) -> None:
    package = new_vendor.make("acme", tmp_path)
    install(tmp_path / "site", "orgweave-acme", POINTS, {})
    entry, config = blocks("toml")
    assert entry.strip() in (package / "pyproject.toml").read_text()
    with installed(tmp_path / "site", package):
        loaded = configuration.check_document(tmp_path / "orgweave.toml", config)
    assert loaded.connections["theirs"].vendor.title == "Acme"


def test_the_guide_names_files_that_are_there() -> None:
    named = re.findall(r"\]\((\.\./[^)#]+)\)", GUIDE.read_text(encoding="utf-8"))
    assert named
    assert [one for one in named if not (GUIDE.parent / one).exists()] == []
