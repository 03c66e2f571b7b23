"""``[publish] destinations``: the published tables in a PostgreSQL that the test starts, and what stands in the way."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from mappings.tables import TABLES
from pipelines.credentials import in_mapping
from pipelines.warehouse import Warehouse
from sources.secret import Scrubber
from tests.pipelines.postgres import PASSWORD, Server, programs, serve
from tests.pipelines.rig import RULES, Office

PUBLISH = '[publish]\ndestinations = ["postgres"]\n'


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    if programs() is None:
        pytest.skip("PostgreSQL's initdb and pg_ctl are not installed")
    server = serve()
    yield server
    server.stop()
    shutil.rmtree(server.folder)


@pytest.fixture
def server(running: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The running server, empty."""
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", running.url)
    for schema in ("org", "ops", "org_staging", "ops_staging"):
        running.ask(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    return running


def plain(value: Any) -> Any:
    """A value as both databases tell it: lists and JSON as their texts."""
    if isinstance(value, list):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return value.isoformat() if isinstance(value, datetime) else value


def differing(office: Office, server: Server) -> list[str]:
    """The tables that do not hold the same at the server as in the published file."""
    found: list[str] = []
    for name, table in TABLES.items():
        columns = ", ".join(f'"{column}"' for column in table.columns)
        ours, theirs = (
            sorted(repr([plain(cell) for cell in row]) for row in ask(f"SELECT {columns} FROM {name}"))  # noqa: S608 - names of our own
            for ask in (office.ask, server.ask)
        )
        found += [name] if ours != theirs else []
    return found


def loaded(text: str) -> int:
    return sum(int(number) for number in re.findall(r"loaded (\d+) tables", text))


def test_every_published_table_stands_at_postgres_and_only_what_changed_is_loaded_again(
    quick_company: Office, server: Server
) -> None:
    company = quick_company
    company.reconfigure("[limits]", f"{PUBLISH}\n[limits]")
    ran = company.run("pull")
    assert (ran.code, loaded(ran.err)) == (0, len(TABLES)), ran.text
    assert differing(company, server) == []
    server.ask("CREATE VIEW public.roots AS SELECT name FROM org.departments WHERE parent_id IS NULL")
    udesk = company.vendors.udesk
    key = next(iter(udesk.departments))
    udesk.rename(key, "Überall, \"here\"; \\N 'NULL' 客服\n")
    company.vendors.nexudus.add_task(Name="Call", Notes="")
    ran = company.run("pull")
    assert 3 <= loaded(ran.err) < len(TABLES), ran.text
    assert differing(company, server) == []
    assert server.ask("SELECT count(*) FROM org.tasks WHERE notes = ''") == [(1,)]
    assert any("Überall" in name for (name,) in server.ask("SELECT name FROM public.roots"))
    server.ask("DROP TABLE org.tasks")
    assert "loaded 1 tables into org at postgres" in company.run("pull").err
    assert differing(company, server) == []
    kept = [file for file in company.workspace.rglob("*") if file.is_file()]
    assert not [file for file in kept if PASSWORD.encode() in file.read_bytes()]
    assert not list(company.workspace.glob("dlt/publish_*"))


def test_a_server_that_is_gone_is_a_warning_and_exit_5_and_is_tried_again_by_the_next_run(
    office: Office, server: Server
) -> None:
    office.configure(RULES + PUBLISH)
    office.tree(("Europe",))
    server.stop()
    try:
        ran = office.run("sync", "--yes", "--quiet")
        assert ran.code == 5, ran.text
        assert "publish.postgres: not loaded:" in ran.err
        assert "refused" in ran.err
        assert PASSWORD not in ran.text
        assert len(ran.err.splitlines()) == 1
        assert office.at_amm() == ["Europe"]
        assert office.ask("SELECT name FROM org.departments") == [("Europe",)]
    finally:
        server.start()
    assert office.run("pull").code == 0
    assert differing(office, server) == []


def test_a_wrong_password_and_a_schema_of_somebody_else_are_told_and_nothing_is_shown_or_replaced(
    office: Office, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.configure(RULES + PUBLISH)
    office.tree(("Europe",))
    server.ask("CREATE SCHEMA org; CREATE TABLE org.departments (theirs text)")
    ran = office.run("pull")
    assert (ran.code, "the schema org there holds org.departments" in ran.err) == (5, True), ran.text
    assert "prefix" in ran.err
    office.configure(RULES + PUBLISH + 'prefix = "ow_"\n')
    assert office.run("pull").code == 0
    assert server.ask("SELECT name FROM ow_org.departments") == [("Europe",)]
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", server.url.replace(PASSWORD, "tok-wrong-1"))
    ran = office.run("pull", "--verbose")
    assert (ran.code, "authentication failed" in ran.err) == (5, True), ran.text
    assert "tok-wrong-1" not in ran.text
    monkeypatch.delenv("DESTINATION__POSTGRES__CREDENTIALS")
    ran = office.run("pull")
    assert (ran.code, "set DESTINATION__POSTGRES__CREDENTIALS" in ran.err) == (5, True), ran.text


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('destinations = ["postgre"]', "publish.destinations"),
        ('credentials = "postgresql://a:tok-000@h/d"', "unknown key publish.credentials"),
        ('prefix = "Org-"', "publish.prefix"),
    ],
)
def test_a_mistake_under_publish_is_named(office: Office, line: str, says: str) -> None:
    office.configure(f"{RULES}[publish]\n{line}\n")
    ran = office.run("plan")
    assert (ran.code, says in ran.err, "tok-000" in ran.err) == (2, True, False), ran.text


def test_what_a_killed_run_left_of_a_load_is_gone_before_the_next_one(tmp_path: Path) -> None:
    left = tmp_path / "publish_postgres" / "publish_postgres_org"
    left.mkdir(parents=True)
    with Warehouse("postgres", "", left.parent).open(Scrubber([])):
        assert not left.exists()


def test_secrets_are_found_in_every_form_in_which_credentials_come_and_a_host_is_none() -> None:
    key = "-----BEGIN-----\\nabcdefghijklmnopqrstuvwxyz0123\\n-----END-----"
    given = {
        "DESTINATION__POSTGRES__CREDENTIALS": "postgresql://ann:p%40ss-1@db.example.test:5432/org",
        "DESTINATION__SNOWFLAKE__CREDENTIALS__PASSWORD": "tok-2",
        "DESTINATION__MOTHERDUCK__CREDENTIALS": "md:org?token=tok-3",
        "DESTINATION__SNOWFLAKE__CREDENTIALS__HOST": "acme",
        "DESTINATION__BIGQUERY__CREDENTIALS": json.dumps({"project_id": "acme-1", "private_key": key}),
    }
    found = {one.reveal() for one in in_mapping(given)}
    assert {"p%40ss-1", "p@ss-1", "tok-2", "tok-3", "abcdefghijklmnopqrstuvwxyz0123"} <= found
    assert not {"acme", "acme-1", "ann", "db.example.test"} & found
