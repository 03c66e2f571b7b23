"""Mistakes of an operator, each a clear line with the right exit code and no traceback (``rig.run`` looks for one)."""

import os
import socket
from pathlib import Path

import pytest

from tests.pipelines.processes import ran as ran_apart
from tests.pipelines.rig import LIMITS, Office, always, failing, run

pytestmark = pytest.mark.usefixtures("unpublished")


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
    assert office.run("pull").code == 5
    ran = office.run("plan", "--to", "amm")
    assert "Planned on what was read of amm at 2026-03-01 08:00:" in ran.out
    assert "amm: its last read failed" in ran.err


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


@pytest.mark.parametrize("variable", ["CONNECTIONS__UDESK_CN__EMAIL", "CONNECTIONS__AMM__TOKEN"])
def test_a_missing_secret_is_named_and_nothing_is_asked(office: Office, variable: str) -> None:
    for missing in ("", None):
        del os.environ[variable]
        if missing is not None:
            os.environ[variable] = missing
        for words in (("pull",), ("sync", "--yes")):
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
    ran = run("check", "--config", str(tmp_path))
    assert (ran.code, f"{tmp_path}: is a folder. What to do: name the file in it" in ran.err) == (2, True)


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


def test_secrets_that_cannot_be_read_are_told_in_a_line(office: Office) -> None:
    folder = office.folder / ".dlt"
    folder.mkdir()
    (folder / "secrets.toml").write_text("# one\ncanary-1 [[", encoding="utf-8")
    (folder / "secrets.toml").chmod(0o644)
    for name in ("CONNECTIONS__AMM__TOKEN", "CONNECTIONS__HQ__TOKEN"):
        os.environ.pop(name, None)
    ran = ran_apart(["check"], office)
    assert (ran.code, "Traceback" in ran.err, "canary-1" in ran.text) == (2, False, False)
    told = "cannot be read as TOML: Expected '=' after a key in a key/value pair (at line 2, column 10)"
    assert f"{folder / 'secrets.toml'}: {told}".replace(" ", "") in "".join(ran.out.split())
    assert "secrets.toml: others may open it (mode 644). What to do: chmod 600" in ran.err


@pytest.mark.parametrize("token", ["geheim\n", " geheim", "geheimü"])
def test_a_secret_that_no_request_could_carry_is_named_before_anything_is_sent(
    office: Office, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONNECTIONS__AMM__TOKEN", token)
    ran = office.run("pull")
    assert (ran.code, office.asked()) == (2, 0)
    assert "connections.amm.token" in ran.err
    assert token.strip() not in ran.err


@pytest.mark.parametrize("place", ["orgweave.toml", ".orgweave/journal.sqlite", ".orgweave/work.duckdb", "."])
def test_publishing_never_replaces_a_file_of_another_kind(office: Office, place: str) -> None:
    office.configure(f'[workspace]\npublish = "{place}"\n')
    before = office.config.read_bytes()
    ran = office.run("pull")
    assert (ran.code, office.asked(), office.config.read_bytes()) == (2, 0, before)
    assert "workspace.publish" in ran.err


def test_a_value_that_is_none_of_a_few_names_is_told_with_the_names(office: Office) -> None:
    office.configure('[departments]\nnaming = "leef"\n')
    assert "leaf, qualify, path" in office.run("plan").err


def test_nothing_is_called_in_step_that_could_not_be_compared(office: Office) -> None:
    office.tree(("Ops",))
    always(office.vendors.udesk, failing(503))
    ran = office.run("sync", "--yes")
    assert (ran.code, "in step" in ran.text) == (5, False)


def test_before_anything_was_read_a_plan_says_so(office: Office) -> None:
    office.configure(LIMITS)
    ran = office.run("plan")
    assert "nothing was read yet (orgweave pull), and no account may be written to" in " ".join(ran.out.split())
