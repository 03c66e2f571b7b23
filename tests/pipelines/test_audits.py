"""A fault of ours in the model stops a run before anything is sealed, applied or published."""

from state.working import Working
from tests.pipelines.rig import Office, Ran


def plant(office: Office, sql: str) -> None:
    """Break the working database between two runs."""
    with Working(office.workspace / "work.duckdb") as working:
        working.db.execute(sql)


def stopped(office: Office, *words: str) -> Ran:
    """A command that must end with 1, and leave the vendors, the plans and the published file as they are."""

    def stands() -> tuple[object, ...]:
        plans = sorted(path.name for path in (office.workspace / "plans").glob("*"))
        return plans, office.writes(), office.published.stat().st_ino, office.published.stat().st_mtime_ns

    before = stands()
    ran = office.run(*words)
    assert ran.code == 1, ran.text
    assert stands() == before
    return ran


def test_a_fault_stops_every_run_before_anything_is_sealed_applied_or_published(office: Office) -> None:
    ids = office.tree(("Ops",), ("Ops", "Billing"))
    office.sync()
    office.vendors.udesk.rename(ids[("Ops",)], "Operations")
    assert office.run("plan").code == 0
    plant(office, "INSERT INTO golden.records (entity, canonical_id, name) VALUES ('team', 'ghost', '\x1b[31mghost')")
    told = stopped(office, "pull")
    assert "audit golden_without_link: A canonical record stands for nothing" in told.err
    assert "entity team, canonical_id ghost, name U+001B[31mghost" in told.err
    assert "nothing was sealed, applied or published" in told.err
    for words in (("plan",), ("apply", "--yes"), ("sync", "--yes")):
        assert "golden_without_link" in stopped(office, *words).err
    found = stopped(office, "sync", "--yes", "--json").json()["audits"]
    assert [(one["audit"], one["rows"][0]["canonical_id"]) for one in found] == [("golden_without_link", "ghost")]
    assert not (office.workspace / "orgweave.log").exists()
    (office.workspace / "work.duckdb").unlink()
    assert office.run("sync", "--yes").code == 0
    assert "Operations" in office.at_amm()


def test_a_history_that_tells_otherwise_than_the_model_is_not_published(office: Office) -> None:
    ids = office.tree(("Ops",), ("Billing",))
    assert office.run("pull").code == 0
    office.vendors.udesk.rename(ids[("Ops",)], "Operations")
    plant(office, "UPDATE history.departments SET name = 'Bills' WHERE name = 'Billing'")
    assert "history_differs" in stopped(office, "pull").err
    assert "history_differs" in stopped(office, "pull").err


def test_nothing_is_looked_through_again_where_nothing_changed(office: Office) -> None:
    office.tree(("Ops",))
    assert office.run("pull").code == 0
    plant(office, "INSERT INTO golden.records (entity, canonical_id) VALUES ('team', 'ghost')")
    assert office.run("pull").code == 0


def test_a_connection_that_is_taken_out_while_a_record_of_it_waits_stops_nothing(office: Office) -> None:
    office.tree(("A",), ("A", "Support"), ("B",), ("B", "Support"))
    office.vendors.scalepad.add_department("Support")
    assert office.run("pull").code == 0
    assert office.ask("SELECT connection FROM ops.proposals") == [("amm",)]
    text = office.config.read_text("utf-8")
    start, end = text.index("[connections.amm]"), text.index("[connections.hq]")
    rules = (text[:start] + text[end:]).replace('["amm", "hq"]', '["hq"]')
    office.config.write_text(rules, encoding="utf-8")
    assert office.run("sync", "--yes").code in (0, 3)
    assert office.ask("SELECT connection FROM ops.proposals") == []
