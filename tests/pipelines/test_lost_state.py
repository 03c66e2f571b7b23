"""A working database or a journal that is lost or damaged: what comes back, and what is refused."""

from pathlib import Path

from tests.pipelines.rig import LIMITS, Office


def test_deleting_the_working_database_loses_nothing(synced: Office) -> None:
    ids = "SELECT department_id, path, active FROM org.departments ORDER BY ALL"
    del synced.vendors.udesk._departments[1]
    synced.sync()
    before, writes = synced.ask(ids), synced.writes()
    (synced.workspace / "work.duckdb").unlink()
    synced.sync()
    assert synced.writes() == writes
    assert [row[0] for row in synced.ask(ids)] == [row[0] for row in before]


def test_a_missing_journal_beside_other_state_is_refused(synced: Office) -> None:
    (synced.workspace / "journal.sqlite").unlink()
    for command in ("sync", "pull", "plan", "apply"):
        ran = synced.run(command, *(["--yes"] if command in ("sync", "apply") else []), "--json")
        assert (ran.code, ran.json().keys()) == (2, {"error"})
        assert "journal.sqlite" in ran.err
        assert "backup" in ran.err
    assert synced.run("runs").code == 2


def test_a_working_database_that_is_damaged_is_refused_with_the_remedy(synced: Office) -> None:
    (synced.workspace / "work.duckdb").write_bytes(b"no database " * 1000)
    ran = synced.run("sync", "--yes")
    assert (ran.code, "delete it" in ran.err) == (2, True)
    (synced.workspace / "work.duckdb").unlink()
    synced.sync()


def test_a_lost_working_database_loses_neither_history_nor_what_is_gone(synced: Office) -> None:
    held = "SELECT department_id, name, path, valid_from, valid_to FROM org.department_history ORDER BY ALL"
    rows = "SELECT * EXCLUDE (updated_at) FROM org.departments ORDER BY ALL"
    members = "SELECT * FROM org.team_members ORDER BY ALL"
    synced.vendors.udesk.rename(2, "Unit Two")
    synced.sync()
    del synced.vendors.udesk._departments[1]
    synced.sync()
    before = [synced.ask(sql) for sql in (held, rows, members)]
    (synced.workspace / "work.duckdb").unlink()
    synced.sync()
    assert [synced.ask(sql) for sql in (held, rows, members)] == before


def test_a_published_file_of_another_workspace_is_no_past_of_this_one(office: Office, tmp_path: Path) -> None:
    office.tree(("Ops",))
    office.sync()
    for name in ("work.duckdb", "journal.sqlite"):
        (office.workspace / name).rename(tmp_path / name)
    ran = office.run("sync", "--yes")
    assert (ran.code, "look through the first plan before you apply it" in ran.err) == (0, True)
    assert "look through" not in office.run("runs").err
    assert office.ask("SELECT count(*) FROM ops.runs") == [(1,)]
    assert office.ask("SELECT count(*), count(valid_to) FROM org.department_history") == [(1, 0)]


def test_an_edit_that_waits_survives_a_lost_working_database_and_a_pull_of_one_account_alone(office: Office) -> None:
    office.configure('[departments]\nauthority = ["udesk_cn", "amm"]\nwrite_to = ["udesk_cn", "amm"]\n' + LIMITS)
    office.tree(("Ops",))
    office.sync()
    (made,) = office.vendors.scalepad.departments
    office.vendors.scalepad.rename(made, "Kitchen")
    office.run("pull")
    (office.workspace / "work.duckdb").unlink()
    office.run("pull", "amm")
    office.sync()
    assert (office.at_amm(), office.vendors.udesk.departments) == (["Kitchen"], {1: ("Kitchen", 0)})
