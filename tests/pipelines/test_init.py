"""``init``: a configuration that works, of options or of answers; secrets unseen, private, and never written over."""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from signal import SIGINT, default_int_handler

import pytest

import pipelines.init
import pipelines.init_asking
from mappings.model import Entity
from pipelines import config as configuration
from pipelines.config import Config
from pipelines.errors import UsageError
from pipelines.init import Options, init_command
from pipelines.init_text import Account, Wanted, rendered
from pipelines.screen import Screen
from tests.pipelines.processes import ran
from tests.pipelines.rig import Office, run

HQ = "hq=nexudus:https://spaces.nexudus.com,business_id=123"
CN = "cn=udesk:https://demo.udesk.cn,name_scope=parent"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [one for one in os.environ if one.startswith("CONNECTIONS__")]:
        monkeypatch.delenv(name)
    return tmp_path


def loaded(folder: Path) -> Config:
    return configuration.load(folder / "orgweave.toml")


def test_options_make_a_commented_configuration_in_which_nobody_may_be_written_to(here: Path) -> None:
    done = run("init", "--account", CN, "--account", HQ)
    assert done.code == 0
    config = loaded(here)
    assert list(config.connections) == ["cn", "hq"]
    assert config.connections["cn"].options == {"name_scope": "parent"}
    assert config.connections["hq"].options == {"business_id": 123}
    assert config.kinds[Entity.DEPARTMENT].authority == ("cn",)
    assert config.kinds[Entity.TEAM].authority == ("hq",)
    assert not any(kind.write_to for kind in config.kinds.values())
    assert "# secrets: token, or username and password" in (here / "orgweave.toml").read_text("utf-8")
    assert done.out.splitlines()[-1] == "Next: orgweave check"
    for variable in ("CONNECTIONS__CN__EMAIL", "CONNECTIONS__CN__OPEN_API_TOKEN", "CONNECTIONS__HQ__TOKEN"):
        assert f"  export {variable}=…" in done.out


def test_who_wins_and_who_is_written_to_may_be_named(here: Path) -> None:
    assert run("init", "--account", CN, "--account", HQ, "--authority", "hq", "--write-to", "cn").code == 0
    told = loaded(here).kinds
    assert (told[Entity.DEPARTMENT].authority, told[Entity.DEPARTMENT].write_to) == (("hq",), ("cn",))
    assert (told[Entity.TEAM].authority, told[Entity.TEAM].write_to) == (("hq",), ())


WRONG = [
    (("--account", "hq"), "not understood"),
    (("--account", "hq=nexsudus:https://x.test"), "vendors: udesk"),
    (("--account", "hq=nexudus:https://x.test"), "connections.hq.business_id is missing"),
    (("--account", "hq=nexudus:https://x.test,business_id=x"), "expected int"),
    (("--account", "HQ=nexudus:https://x.test,business_id=1"), "lower-case"),
    (("--account", "hq=nexudus:http://x.test,business_id=1"), "in the clear"),
    (("--account", "hq=nexudus:https://x.test,busines_id=1"), "did you mean connections.hq.business_id?"),
    (("--account", HQ + ",token=canary-1"), "What to do: put it into $CONNECTIONS__HQ__TOKEN or .dlt/secrets.toml"),
    (("--account", "my org=udesk:https://x.test"), "connections.my org: a connection's name is lower-case"),
    (("--account", HQ + ",my key=1\x7f"), "connections.hq.my key"),
    (("--account", HQ + ",=1"), "connections.hq."),
    (("--account", HQ, "--account", HQ), "two accounts have one name"),
    (("--account", HQ, "--write-to", "amm"), "amm: no such account"),
    (("--account", HQ, "--secrets"), "typed on a terminal"),
    (("--write-to", "hq"), "name it by --account"),
    (("--sandbox", "8901", "--account", HQ), "give it alone"),
]


@pytest.mark.parametrize(("words", "told"), WRONG, ids=[told for _, told in WRONG])
def test_what_is_wrong_is_told_with_what_to_do_and_nothing_is_written(
    here: Path, words: tuple[str, ...], told: str
) -> None:
    done = run("init", *words)
    assert (done.code, list(here.iterdir())) == (2, [])
    assert told in done.err
    assert done.err.count("What to do: ") == 1
    assert "orgweave.toml" not in done.err, "a file that was never written"


def test_a_configuration_for_the_sandbox_works_as_it_is_and_its_secrets_are_private(office: Office, here: Path) -> None:
    office.config.unlink()
    office.clock.follow_the_machine()
    port = office.server.url.rpartition(":")[2]
    told = run("init", "--sandbox", port, "--json").json()
    assert told == {"path": str(here / "orgweave.toml"), "missing_secrets": [], "next": "orgweave check"}
    file = here / ".dlt" / "secrets.toml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert (here / ".dlt").stat().st_mode & 0o077 == 0
    assert (here / ".dlt" / ".gitignore").read_text("utf-8") == "secrets.toml\n"
    checked = ran(["check", "--config", str(here / "orgweave.toml")])
    assert (checked.code, checked.out.count("ok   ")) == (0, 3)


def test_secrets_that_stand_there_stay_and_others_are_added(here: Path) -> None:
    file = here / ".dlt" / "secrets.toml"
    file.parent.mkdir()
    file.write_text("# mine\n[connections.amm]\ntoken = 'tok-000'\n", encoding="utf-8")
    file.chmod(0o644)
    assert run("init", "--sandbox", "8901").code == 0
    text = file.read_text("utf-8")
    assert text.startswith("# mine\n[connections.amm]\ntoken = 'tok-000'\n")
    assert tomllib.loads(text)["connections"]["amm"] == {"token": "tok-000"}
    assert tomllib.loads(text)["connections"]["hq"] == {"token": "sandbox-nexudus-token"}
    assert file.stat().st_mode & 0o777 == 0o600


def test_secrets_that_cannot_be_read_are_not_repeated(here: Path) -> None:
    file = here / ".dlt" / "secrets.toml"
    file.parent.mkdir()
    file.write_text("token = canary-1", encoding="utf-8")
    done = run("init", "--sandbox", "8901")
    assert (done.code, "canary-1" in done.text, "secrets.toml: cannot be read as TOML" in done.err) == (2, False, True)
    assert not (here / "orgweave.toml").exists()


class Conversation(Screen):
    """A terminal at which somebody answers; what is asked without echo is answered from ``typed``."""

    def __init__(self, answers: list[str], consents: bool) -> None:  # noqa: FBT001 - a test's own
        super().__init__(quiet=True)
        self.answers: Iterator[str] = iter(answers)
        self.consents = consents

    @property
    def converses(self) -> bool:
        return True

    def consent(self, question: str) -> bool:  # noqa: ARG002 - nobody is asked
        return self.consents

    def ask(self, question: str) -> str | None:  # noqa: ARG002 - likewise
        return next(self.answers, None)


def test_what_is_asked_for_on_a_terminal_is_written_and_the_secrets_are_not_shown(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = iter(["wrong\ttab", 'tok"000'])
    monkeypatch.setattr(pipelines.init_asking, "getpass", lambda _: next(typed))
    wrong = ["nexus", "nexudus", "hq", "http://x.test", "1", "nexudus", "http://x.test", "https://x.test", "7"]
    answers = [*wrong, "nexudus", "hq", "https://x.test", "7", "", "", "admin@example.test", "3", "1"]
    assert init_command(None, Options(), Conversation(answers, consents=True))[0] == 0
    assert loaded(here).connections["hq"].options == {"business_id": 7}
    kept = tomllib.loads((here / ".dlt" / "secrets.toml").read_text("utf-8"))
    assert kept == {"connections": {"hq": {"token": 'tok"000'}}}
    shown = capsys.readouterr()
    assert "000" not in shown.out + shown.err
    assert "Next: orgweave check" in shown.out


def test_without_an_account_or_secrets_the_template_is_written_and_no_file_of_secrets(here: Path) -> None:
    assert init_command(None, Options(), Conversation([""], consents=True))[0] == 0
    assert sorted(path.name for path in here.iterdir()) == ["orgweave.toml"]
    (here / "orgweave.toml").unlink()
    answers = [
        "scalepad",
        "",
        "https://x.test",
        "id-1",
        "udesk",
        "",
        "https://y.test",
        "",
        "udesk,scalepad",
        "nobody",
        "",
    ]
    assert init_command(None, Options(), Conversation(answers, consents=False))[0] == 0
    assert loaded(here).kinds[Entity.DEPARTMENT].authority == ("udesk", "scalepad")
    assert sorted(path.name for path in here.iterdir()) == ["orgweave.toml"]


def test_an_input_that_ends_or_a_stop_writes_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="nothing was written"):
        init_command(None, Options(), Conversation(["udesk", "cn"], consents=True))
    monkeypatch.setattr(pipelines.init, "place", lambda _: default_int_handler(SIGINT, None))
    stopped = run("init")
    assert (stopped.code, stopped.err.endswith("interrupted\n")) == (130, True)
    assert list(here.iterdir()) == []


def test_an_address_that_toml_would_read_otherwise_is_quoted(here: Path) -> None:
    one = Account("amm", "scalepad", "https://x.test", {"client_id": 'a"b\\c'})
    assert tomllib.loads(rendered(here / "orgweave.toml", Wanted([one])))["connections"]["amm"]["client_id"] == 'a"b\\c'


def test_another_place_is_named_in_the_next_command(here: Path) -> None:
    place = here / "my folder"
    place.mkdir()
    done = run("init", "--account", HQ, "--config", str(place / "x.toml"))
    assert done.out.splitlines()[-1] == f"Next: orgweave check --config '{place}/x.toml'"
