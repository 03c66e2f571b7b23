"""Under cron and systemd: lines that a program can read, silence where nothing happened, a word where all is old."""

import json
import os
from datetime import timedelta
from signal import SIGINT, default_int_handler

import pytest

import pipelines.verbs
from pipelines.freshness import ago
from state.lock import lock
from state.safety import SafetyRecord
from tests.pipelines.rig import RULES, Office, always, failing, run
from tests.pipelines.test_output import STAMPED


def logged(err: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in err.splitlines()]


def test_with_log_json_every_line_of_standard_error_is_an_object(office: Office) -> None:
    office.tree(("Ops",))
    done = office.run("sync", "--yes", "--verbose", "--log", "json", "--json")
    lines = logged(done.err)
    assert done.code == 0
    assert {key for one in lines for key in one} == {"at", "level", "message", "run_id"}
    assert {one["level"] for one in lines} == {"info", "debug"}
    assert {one["run_id"] for one in lines} == {done.json()["run_id"]}
    assert all(one["at"].endswith("Z") for one in lines)


def test_an_error_is_a_line_of_the_same_form_also_where_only_the_environment_asks_for_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORGWEAVE_LOG", "json")
    always(office.vendors.udesk, failing(404))
    done = office.run("sync", "--yes", "--quiet")
    (said,) = logged(done.err)
    assert (done.code, said["level"], said["message"][:23]) == (5, "error", "udesk_cn: departments: ")
    (said,) = logged(office.run("apply", "nothing.json", "--quiet").err)
    assert (said["level"], "there is no such plan" in said["message"]) == ("error", True)


def test_errors_carry_their_time_where_nobody_watches(office: Office) -> None:
    (line,) = office.run("apply", "nothing.json").err.splitlines()
    assert STAMPED.match(line)
    assert "orgweave: " in line


def test_a_quiet_run_that_had_nothing_to_do_says_nothing_at_all(office: Office) -> None:
    office.tree(("Ops",))
    assert "verified" in office.run("sync", "--yes", "--quiet").out
    for words in (("sync", "--yes"), ("pull",)):
        done = office.run(*words, "--quiet")
        assert (done.code, done.text) == (0, "")
    assert office.run("plan", "--quiet").out  # somebody asked for it


def test_a_quiet_run_that_needs_a_person_says_why(office: Office) -> None:
    office.tree(("Ops",))
    done = office.run("sync", "--quiet")
    assert (done.code, "Ops" in done.out, "wait for --yes" in done.err) == (3, True, True)


def aged(office: Office, *words: str) -> tuple[int, str]:
    done = office.run("check", "--offline", "--max-age", "26h", *words)
    return done.code, " ".join(done.out.split())


def test_a_check_of_ages_fails_until_a_run_read_everything_whole(office: Office) -> None:
    office.tree(("Ops",))
    code, told = aged(office)
    assert (code, "no run has read every account whole" in told, "org.duckdb is not there" in told) == (3, True, True)
    assert not office.workspace.exists()
    assert office.run("pull", "hq").code == 0
    assert aged(office)[0] == 3
    assert aged(office, "hq")[0] == 0
    assert office.run("pull").code == 0
    asked = office.asked()
    assert aged(office) == (0, "ok fresh: the last whole run ended 0 min ago")
    assert office.asked() == asked
    office.clock.sleep(27 * 3600)
    code, told = aged(office)
    assert (code, "ended 1 d 3 h ago" in told) == (3, True)


def test_a_read_that_was_not_whole_makes_nothing_fresh(office: Office) -> None:
    office.tree(("Ops",))
    assert office.run("pull").code == 0
    office.clock.sleep(27 * 3600)
    always(office.vendors.udesk, failing(404))
    assert office.run("pull").code == 5
    document = office.run("check", "--offline", "--max-age", "26h", "--json").json()
    assert (document["exit_code"], document["age"]["ok"]) == (3, False)
    assert document["age"]["last_whole_at"].startswith("2026-03-01T08:")


def test_a_published_file_that_is_old_is_told_although_runs_end_well(office: Office) -> None:
    assert office.run("pull").code == 0
    then = office.clock.now().timestamp() - 30 * 3600
    os.utime(office.published, (then, then))
    code, told = aged(office)
    assert (code, "org.duckdb is 1 d 6 h old" in told) == (3, True)


def test_a_run_that_never_ended_is_told_and_one_that_works_now_is_not(office: Office) -> None:
    assert office.run("pull").code == 0
    path, now = office.workspace / "journal.sqlite", office.clock.now()
    with lock(office.workspace / "lock", "sync", now), SafetyRecord.open(path, at=now, new_id=str) as safety:
        safety.begin_run("working", "sync", now)
        assert aged(office)[0] == 0
    code, told = aged(office)
    assert (code, "run working (sync, 2026-03-01 08:00 UTC) never ended" in told) == (3, True)
    assert "never ended" in office.run("runs").err
    assert office.run("pull").code == 0
    assert aged(office)[0] == 0


def ends(office: Office) -> list[tuple[str, int]]:
    return [(one["command"], one["exit_code"]) for one in office.run("runs", "--json").json()["runs"]]


def test_a_run_is_kept_with_the_code_that_its_command_ended_with(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.configure(f'{RULES}\n[workspace]\npublish = "blocked/org.duckdb"\n')
    (office.config.parent / "blocked").write_text("no folder")
    ran = office.run("pull")
    assert (ran.code, "cannot be published" in ran.err) == (2, True)
    monkeypatch.setattr(pipelines.verbs, "pull", lambda *_: default_int_handler(SIGINT, None))
    assert office.run("pull").code == 130
    assert ends(office) == [("pull", 130), ("pull", 2)]


def test_an_offline_check_needs_no_secrets(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in os.environ if one.startswith("CONNECTIONS__")]:
        monkeypatch.delenv(name)
    ran = office.run("check", "--offline")
    assert (ran.code, ran.out) == (0, f"ok   configuration: {office.config}; no account was asked\n")
    assert office.run("check", "--offline", "--max-age", "soon").code == 2


def test_a_check_of_ages_leaves_the_safety_record_as_it_is(office: Office) -> None:
    assert office.run("pull").code == 0
    kept = (office.workspace / "journal.sqlite").read_bytes()
    assert aged(office)[0] == 0
    assert (office.workspace / "journal.sqlite").read_bytes() == kept


@pytest.mark.parametrize(("minutes", "told"), [(5, "5 min"), (90, "1 h 30 min"), (27 * 60, "1 d 3 h"), (-3, "0 min")])
def test_an_age_is_told_by_its_two_largest_parts(minutes: int, told: str) -> None:
    assert ago(timedelta(minutes=minutes)) == told


def test_the_form_of_the_log_is_one_of_two() -> None:
    assert run("runs", "--log", "xml").code == 2
