"""What a command shows: one JSON object, plain lines without a terminal, tables that fit, nothing to obey."""

import json
import os
import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from pipelines import config as configuration
from sources.twin import TwinReply
from tests.pipelines.processes import IMPORTED, ran, started
from tests.pipelines.rig import DEPARTMENTS, LIMITS, Office, once, run

pytestmark = pytest.mark.usefixtures("unpublished")

STAMPED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \S")
LONG = "Department of everything that has a rather long name and then some 部门" * 2


@pytest.mark.usefixtures("published")
def test_every_command_puts_exactly_one_json_object_on_standard_output(office: Office, tmp_path: Path) -> None:
    office.tree(("Ops",))
    ended: dict[str, int] = {}
    for words in (
        *(("runs",), ("apply", "--yes"), ("check",), ("pull",), ("plan",), ("apply", "--yes"), ("sync", "--yes")),
        *(("runs",), ("sync",), ("runs", "nothing"), ("init",), ("review",), ("why", "x", "y"), ("report",)),
        ("review", "accept", "x"),
        *(("why", "department", "Ops"),),
        *(("plan", "--tu", "hq"), ("plann",), ("pull", "nobody"), ("demo", str(tmp_path))),
    ):
        done = office.run(*words, "--json")
        ended[" ".join(words)] = done.code
        assert isinstance(json.loads(done.out), dict), words
        assert done.out.count("\n") == 1, words
    assert {words for words, code in ended.items() if code == 0} == {
        *(
            "check",
            "pull",
            "plan",
            "apply --yes",
            "sync --yes",
            "sync",
            "runs",
            "why department Ops",
            "review",
            "report",
        ),
    }


def test_without_a_terminal_progress_is_plain_lines_with_their_time(office: Office) -> None:
    office.tree(("Ops",))
    done = office.run("sync", "--yes")
    assert done.err.splitlines()
    assert all(STAMPED.match(line) for line in done.err.splitlines())
    assert "\x1b" not in done.text


def test_quiet_leaves_results_and_errors_and_nothing_else(office: Office) -> None:
    office.tree(("Ops",))
    done = office.run("sync", "--yes", "--quiet")
    assert (done.code, done.err) == (0, "")
    assert "verified" in done.out
    assert "no such plan" in office.run("apply", "x", "--quiet").err


def test_a_run_is_shown_with_its_reads_and_its_writes(office: Office) -> None:
    office.tree(("Ops",))
    run_id = office.sync()["apply"]["run_id"]
    shown = office.run("runs", run_id[:8])
    assert (shown.code, shown.out.count("create"), shown.out.count("done")) == (0, 2, 2)
    assert shown.out.count("Ops") == 2
    detail = office.run("runs", run_id, "--json").json()
    assert {one["connection"] for one in detail["reads"]} == {"udesk_cn", "amm", "hq"}
    assert [one["status"] for one in detail["changes"]] == ["done", "done"]


def test_commands_that_were_refused_are_no_runs_unless_asked_for(office: Office) -> None:
    office.tree(("Ops",))
    office.sync()
    assert office.run("apply", "no-such-plan").code == 2
    shown, whole = office.run("runs"), office.run("runs", "--all")
    assert ("apply" in shown.out, "apply" in whole.out) == (False, True)
    assert "not shown: 1 refused before a call; all of them: orgweave runs --all" in " ".join(shown.err.split())
    assert office.run("runs", "--json").json()["total"] == 2


def test_check_tells_what_each_account_may_do(office: Office) -> None:
    shown = office.run("check")
    assert shown.code == 0
    assert "ok   udesk_cn" in shown.out
    assert "departments: can create, rename and delete; authority" in " ".join(shown.out.split())
    assert office.workspace.exists() is False
    assert {method for _, method, _, _ in office.server.requests()} == {"GET"}


def test_tables_stay_within_eighty_columns_and_are_aligned_by_the_width_of_their_letters(office: Office) -> None:
    office.tree(("客户服务中心",), ("Ops",), ("Robotics 🤖",), (LONG,), ("한국어 팀",))
    assert office.run("pull").code == 0
    lines = office.run("plan", "--to", "hq").out.splitlines()
    assert all(cell_len(line) <= 80 for line in lines)
    places = [cell_len(line[: line.index("udesk_cn has")]) for line in lines if "udesk_cn has" in line]
    assert len(places) == 5
    assert len(set(places)) == 1
    assert all(cell_len(line) <= 80 for line in office.run("runs").out.splitlines())


EVIL = "\x1b[31mRed\x1b]0;title\x07 \x9b2J \u202eevil\u2069 \r\n\x00"


def test_what_a_terminal_would_obey_is_shown_and_not_sent(office: Office) -> None:
    office.tree((EVIL,), ("Ops",))
    said = json.dumps({"error": {"code": "invalid_request", "message": EVIL}}).encode()
    once(office.vendors.scalepad, "POST", lambda _request, _execute: TwinReply(400, said))
    done = [office.run("sync", "--yes"), office.run("plan"), office.run("runs")]
    done.append(office.run("runs", office.run("runs", "--json").json()["runs"][-1]["run_id"]))
    text = "".join(one.text for one in done)
    assert "U+001B" in text
    assert not {*"\x1b\x07\x9b\x00\r\u202e\u2069"} & {*text}


def test_a_name_is_shown_letter_by_letter_whatever_rich_would_make_of_it(office: Office) -> None:
    office.tree(("[red]Ops[/red]",), ("[/]",), (":bomb: squad",))
    assert office.run("pull").code == 0
    shown = office.run("plan").out
    for name in ("[red]Ops[/red]", "[/]", ":bomb: squad"):
        assert name in shown
    assert "create :bomb: squad: done" in office.run("sync", "--yes").err


def test_help_answers_in_under_a_second_and_loads_nothing_heavy() -> None:
    for words in (["--help"], ["sync", "--help"]):
        began = os.times()
        helped = ran(words, code=IMPORTED)
        ended = os.times()  # the processor's seconds: the machine may be busy with other tests
        spent = ended.children_user - began.children_user + ended.children_system - began.children_system
        assert 0 < spent < 1
        assert "Usage: orgweave" in helped.out
        assert helped.err.splitlines()[-1] == "[]"


def test_commands_that_reach_no_vendor_do_not_load_dlt(office: Office) -> None:
    office.tree(("Ops",))
    assert office.run("pull").code == 0
    for words in (["plan"], ["runs"]):
        done = ran(words, office, code=IMPORTED)
        assert done.code == 0
        assert "'dlt'" not in done.err.splitlines()[-1]


def test_every_commands_help_holds_an_example() -> None:
    for name in (
        "demo",
        "sandbox",
        "init",
        "check",
        "pull",
        "plan",
        "apply",
        "sync",
        "undo",
        "runs",
        "report",
        "export",
    ):
        assert f"orgweave {name}" in run(name, "--help").out.split("Example")[1]


def test_init_writes_a_template_that_loads_and_never_overwrites(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("init").code == 0
    file = tmp_path / "orgweave.toml"
    loaded = configuration.load(file)
    assert (list(loaded.connections), loaded.workspace) == (["udesk_cn", "amm", "hq"], tmp_path / ".orgweave")
    assert all(not kind.write_to for kind in loaded.kinds.values())
    uncommented = re.sub(r"(?m)^# (?=[\[a-z_]+.*[\]=])", "", file.read_text(encoding="utf-8"))
    (tmp_path / "all.toml").write_text(uncommented, encoding="utf-8")
    (tmp_path / "aliases.toml").write_text('[departments]\n"工程部" = "Engineering"\n', encoding="utf-8")
    assert configuration.load(tmp_path / "all.toml").connections["hq"].apply_disabled is True
    file.write_text("mine", encoding="utf-8")
    again = run("init")
    assert (again.code, "exists already" in again.err) == (2, True)
    assert file.read_text(encoding="utf-8") == "mine"
    assert run("init", "--config", str(tmp_path / "no" / "x.toml")).code == 2


def test_the_sandbox_prints_a_configuration_that_works(tmp_path: Path) -> None:
    with started(["sandbox", "--port", "0"]) as process:
        assert process.stderr is not None
        url = re.search(r"serving on (\S+);", process.stderr.readline())
        assert url is not None
        process.send_signal(15)
        out, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    file = tmp_path / "orgweave.toml"
    file.write_text(out, encoding="utf-8")
    assert configuration.load(file).connections["amm"].base_url == f"{url[1]}/scalepad/v2"
    assert len(re.findall(r"^#   export CONNECTIONS__\w+=\S+$", out, re.MULTILINE)) == 4


def test_the_sandbox_as_json_gives_one_object_that_a_script_can_start_from(office: Office) -> None:
    with started(["sandbox", "--json"]) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        office.config.write_text(told["config"], encoding="utf-8")
        office.clock.follow_the_machine()
        pulled = office.run("pull", "--json")
        process.send_signal(15)
        rest, _ = process.communicate(timeout=10)
    assert (pulled.code, pulled.json()["connections"]["udesk_cn"]["reads"]) == (0, {"departments": 15})
    assert (process.returncode, rest) == (0, "")
    assert told["env"].keys() >= {"CONNECTIONS__AMM__TOKEN"}


def test_a_port_that_is_taken_is_a_clear_error(office: Office) -> None:
    port = office.server.url.rpartition(":")[2]
    taken = run("sandbox", "--port", port)
    assert (taken.code, f"port {port}" in taken.err) == (2, True)


def test_secrets_are_found_beside_the_configuration_too(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONNECTIONS__AMM__TOKEN", "CONNECTIONS__HQ__TOKEN"):
        monkeypatch.delenv(name)
    office.configure(DEPARTMENTS + LIMITS)
    place = office.folder / ".dlt" / "secrets.toml"
    place.parent.mkdir()
    place.write_text('connections.amm.token = "sandbox-scalepad-token"\nconnections.hq.token = "wrong"\n', "utf-8")
    office.clock.follow_the_machine()
    done = ran(["check", "--json"], office)
    assert [one["ok"] for one in done.json()["connections"].values()] == [True, True, False]
    assert done.code == 5


@pytest.mark.parametrize("words", [("runs",), ("pull", "--json")])
def test_a_reader_that_has_gone_ends_no_command(synced: Office, words: tuple[str, ...]) -> None:
    synced.clock.follow_the_machine()
    with started(words, config=synced.config) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stderr.close()
        assert process.wait(timeout=60) == 0
