"""Mistakes of an operator, each a clear line with the right exit code and no traceback (``rig.run`` looks for one)."""

import os
import socket
from pathlib import Path

import pytest

from tests.pipelines.rig import Office, run


@pytest.fixture
def office_with_ops(office: Office) -> Office:
    office.tree(("Ops",))
    return office


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("udesk_cn", "CONNECTIONS__UDESK_CN__OPEN_API_TOKEN"),
        ("amm", "CONNECTIONS__AMM__TOKEN"),
        ("hq", "CONNECTIONS__HQ__TOKEN"),
    ],
)
def test_a_wrong_token_ends_with_5_names_the_connection_and_stops_no_other(
    office_with_ops: Office, name: str, variable: str
) -> None:
    office = office_with_ops
    os.environ[variable] = "wrong"
    checked = office.run("check", "--json")
    assert (checked.code, [key for key, one in checked.json()["connections"].items() if not one["ok"]]) == (5, [name])
    ran = office.run("sync", "--yes", "--json")
    assert ran.code == 5
    assert f"{name}: not read" in ran.err
    assert [key for key, one in ran.json()["pull"].items() if not one["complete"]] == [name]
    done = {"udesk_cn": ([], []), "amm": ([], ["Ops"]), "hq": (["Ops"], [])}
    assert (office.at_amm(), office.at_hq()) == done[name]


def test_an_unreachable_host_ends_with_5_and_names_the_connection(office_with_ops: Office) -> None:
    office = office_with_ops
    text = office.config.read_text(encoding="utf-8")
    office.config.write_text(
        text.replace(f"{office.server.url}/scalepad", f"http://127.0.0.1:{closed_port()}"), "utf-8"
    )
    for words in (("check",), ("pull",), ("sync", "--yes")):
        ran = office.run(*words)
        assert (ran.code, "amm" in ran.text, "cannot connect to 127.0.0.1" in ran.text) == (5, True, True)
    assert office.at_hq() == ["Ops"]


def test_a_token_that_is_withdrawn_before_the_apply_fails_that_target_alone(office_with_ops: Office) -> None:
    office = office_with_ops
    office.tree(("Sales",))
    assert office.run("pull").code == office.run("plan").code == 0
    os.environ["CONNECTIONS__AMM__TOKEN"] = "wrong"
    ran = office.run("apply", "--yes", "--json")
    assert (ran.code, [one["status"] for one in ran.json()["results"]]) == (5, ["failed", "skipped", "done", "done"])


def test_a_target_that_went_away_before_the_apply_is_tried_once(office_with_ops: Office) -> None:
    office = office_with_ops
    office.tree(("Sales",))
    assert office.run("pull").code == office.run("plan").code == 0
    text = office.config.read_text(encoding="utf-8")
    office.config.write_text(
        text.replace(f"{office.server.url}/scalepad", f"http://127.0.0.1:{closed_port()}"), "utf-8"
    )
    ran = office.run("apply", "--yes", "--json")
    assert (ran.code, [one["status"] for one in ran.json()["results"]]) == (5, ["failed", "skipped", "done", "done"])


@pytest.mark.parametrize(
    "words",
    [
        ("migrate", "--from", "a", "--to", "b", "--yes"),
        ("review",),
        ("review", "accept", "x"),
        ("why", "department", "1", "name"),
        ("undo", "run", "--yes"),
        ("report", "--out", "x.html"),
    ],
)
def test_a_command_that_is_not_there_yet_says_so(words: tuple[str, ...]) -> None:
    ran = run(*words)
    assert (ran.code, ran.out) == (2, "")
    assert f"orgweave {words[0]}: not there yet" in ran.err
    assert run(*words, "--json").json().keys() == {"error"}


@pytest.mark.parametrize("variable", ["CONNECTIONS__UDESK_CN__EMAIL", "CONNECTIONS__AMM__TOKEN"])
def test_a_missing_secret_is_named_and_nothing_is_asked(office: Office, variable: str) -> None:
    for missing in ("", None):
        del os.environ[variable]
        if missing is not None:
            os.environ[variable] = missing
        for words in (("check",), ("pull",), ("sync", "--yes")):
            ran = office.run(*words)
            assert (ran.code, variable in ran.err) == (2, True)
        os.environ[variable] = "x"
    assert office.asked() == 0


def test_no_configuration_at_all_names_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (("check",), ("pull",), ("plan",), ("apply",), ("sync",), ("runs",)):
        ran = run(*words)
        assert ran.code == 2
        assert str(tmp_path / "orgweave.toml") in ran.err
        assert "orgweave init" in ran.err
    assert list(tmp_path.iterdir()) == []
    ran = run("check", "--config", "other.toml")
    assert (ran.code, str(tmp_path / "other.toml") in ran.err) == (2, True)


def test_an_unknown_connection_names_those_there_are(office: Office) -> None:
    for words in (("check", "hqq"), ("pull", "hqq"), ("pull", "--accept-shrink", "hqq"), ("plan", "--to", "hqq")):
        ran = office.run(*words)
        assert (ran.code, "connections.hqq" in ran.err, "udesk_cn, amm, hq" in ran.err) == (2, True, True)


def test_a_workspace_that_cannot_be_a_folder_is_a_clear_error(office: Office) -> None:
    office.workspace.write_text("a file")
    ran = office.run("pull")
    assert (ran.code, str(office.workspace) in ran.err) == (2, True)


def test_a_published_file_that_cannot_be_written_is_a_clear_error(office: Office) -> None:
    office.published.mkdir()
    ran = office.run("pull")
    assert (ran.code, str(office.published) in ran.err) == (2, True)


def test_looking_at_runs_before_any_ran_says_what_to_do(office: Office) -> None:
    ran = office.run("runs")
    assert (ran.code, "orgweave pull" in ran.err) == (2, True)
    assert not office.workspace.exists()


def test_a_misspelt_option_is_a_usage_error_in_json_too(office: Office) -> None:
    for words in (("plan", "--tu", "x"), ("plann",), ("sandbox", "--port", "many"), ("check", "--json", "--config")):
        assert office.run(*words).code == 2
