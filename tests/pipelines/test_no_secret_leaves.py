"""No secret, no signature and no signed query is found in anything that a run leaves behind or shows."""

import logging
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, unquote

import duckdb
import pytest

import pipelines.pull
from sources.nexudus.sandbox import NexudusTwin
from sources.secret import spellings
from sources.twin import Fault, TwinReply, TwinRequest
from tests.pipelines.conftest import land
from tests.pipelines.rig import DEPARTMENTS, LIMITS, Execute, Office, always, once

CANARIES = {
    "CONNECTIONS__UDESK_CN__EMAIL": "canary+udesk@example.test",
    "CONNECTIONS__UDESK_CN__OPEN_API_TOKEN": "canary/udesk+'token&=%41",
    "CONNECTIONS__AMM__TOKEN": 'canary-amm-"quoted"/+==',
    "CONNECTIONS__HQ__TOKEN": "canary-hq-token~!*()",
    "CONNECTIONS__CLUB__USERNAME": "canary.club@example.test",
    "CONNECTIONS__CLUB__PASSWORD": "canary club pass&word=1",
}
ORDERS = ("check", "pull", "plan", "apply --yes", "sync --yes --json", "runs", "check --json")


@pytest.fixture
def guarded(slow_office: Office, caplog: pytest.LogCaptureFixture) -> Office:
    """Four accounts with canaries for secrets; everything that Python logs is kept."""
    office = slow_office
    os.environ.update(CANARIES)
    caplog.set_level(logging.DEBUG)
    club = NexudusTwin(
        business_id=5,
        token=None,
        username=CANARIES["CONNECTIONS__CLUB__USERNAME"],
        password=CANARIES["CONNECTIONS__CLUB__PASSWORD"],
        now=office.clock.now,
    )
    club.add_team(Name="Rowing")
    office.twins["club"] = club
    office.vendors.udesk._email = CANARIES["CONNECTIONS__UDESK_CN__EMAIL"]
    office.vendors.udesk._admins = {office.vendors.udesk._email}
    office.vendors.udesk._token = CANARIES["CONNECTIONS__UDESK_CN__OPEN_API_TOKEN"]
    office.vendors.scalepad._token = CANARIES["CONNECTIONS__AMM__TOKEN"]
    office.vendors.nexudus.desk._given = CANARIES["CONNECTIONS__HQ__TOKEN"]
    lines = f'vendor = "nexudus"\nbase_url = "{office.server.url}/club"\nbusiness_id = 5\n'
    office.configure(DEPARTMENTS + LIMITS, connections={"club": lines})
    office.tree(("Ops",), ("Ops", "Support"))
    return office


def echo(status: int) -> Fault:
    """An answer that repeats all that was sent, as a careless vendor or a proxy's error page would."""

    def fault(request: TwinRequest, _execute: Execute) -> TwinReply:
        query = "&".join(f"{key}={quote(value)}" for key, value in request.query)
        text = f"{request.headers} {query} {unquote(query)} {request.body!r}"
        if status == 400:
            return TwinReply.of(400, {"error": {"code": "bad", "message": text}, "Message": text, "Errors": []})
        if status == 200:
            return TwinReply.of(200, {"code": 2000, "message": text, "exception": {"message": text}})
        return TwinReply(status, text.encode())

    return fault


def through_failures(office: Office) -> Iterator[str]:
    """Run commands while each failure repeats what was sent; all that they show."""
    for number, status in enumerate((401, 500, 200, 400)):
        office.vendors.udesk.add_department(f"Unit {number}")
        for twin in office.twins.values():
            once(twin, "POST", echo(status))
        yield office.run("sync", "--yes", "--verbose").text
        for twin in office.twins.values():
            twin.faults.clear()
            always(twin, echo(status))
        for words in ("check", "pull --json"):
            yield office.run(*words.split(), "--verbose").text
        for twin in office.twins.values():
            twin.faults.clear()


def kept(folder: Path) -> str:
    """All bytes of all files, and the tables of the databases: DuckDB compresses what it keeps."""
    texts = [file.read_bytes().decode("latin-1") for file in sorted(folder.rglob("*")) if file.is_file()]
    texts += [str(file) for file in folder.rglob("*")]
    for file in folder.rglob("*.duckdb"):
        with duckdb.connect(str(file), read_only=True) as db:
            tables = db.execute("SELECT table_schema, table_name FROM information_schema.tables").fetchall()
            texts += [str(db.execute(f'FROM "{schema}"."{table}"').fetchall()) for schema, table in tables]
    with closing(sqlite3.connect(folder / ".orgweave" / "journal.sqlite")) as db:
        texts += list(db.iterdump())
    return "\n".join(texts)


def test_no_secret_is_in_the_workspace_the_published_file_the_log_or_the_output(
    guarded: Office,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: set[str] = set()
    handle = guarded.server.dispatch

    def listening(method: str, target: str, headers: Mapping[str, str], body: bytes) -> TwinReply:
        heard.add(headers.get("authorization", "").removeprefix("Bearer "))
        if "sign=" in target:
            query = target.partition("?")[2]
            heard.update({query, unquote(query), *re.findall(r"[&?]sign=(\w+)", target)})
        return handle(method, target, headers, body)

    monkeypatch.setattr(guarded.server, "dispatch", listening)
    shown = [guarded.run(*words.split(), "--verbose").text for words in ORDERS]
    monkeypatch.setattr(pipelines.pull, "land", land)  # what dlt leaves behind is there by now
    shown += through_failures(guarded)
    streams = capfd.readouterr()
    places = {
        "the output": "\n".join(shown),
        "the process's streams": streams.out + streams.err,
        "the log": caplog.text,
        "the files": kept(guarded.folder),
    }
    hidden = {text for secret in CANARIES.values() for text in spellings(secret)} | (heard - {""})
    assert len(heard) > 20
    found = {(place, text) for place, content in places.items() for text in hidden if text in content}
    assert found == set()
    assert "Unit 0" in places["the files"]
    assert "401" in places["the output"]
