"""``[notify]``: somebody is told once when a command ends otherwise than before, and no run fails for it."""

import json
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.rig import DEPARTMENTS, LIMITS, Office, always, failing

pytestmark = pytest.mark.usefixtures("unpublished")


@dataclass
class Hook:
    """A webhook on loopback: what it was sent, and what it answers."""

    status: int = 200
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    @property
    def states(self) -> list[str]:
        return [one["state"] for one in self.bodies]


@pytest.fixture
def hook() -> Iterator[Hook]:
    told = Hook()

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            told.headers.append(dict(self.headers))
            self.send_response(told.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    told.url = f"http://127.0.0.1:{server.server_port}/services/T000/secret-path"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


def configured(office: Office, notify: str) -> None:
    office.configure(DEPARTMENTS + LIMITS + f"\n[notify]\n{notify}\n")


def script(office: Office, code: str) -> str:
    """A program beside the configuration that is run with its text on standard input; as TOML."""
    place = office.folder / "tell.py"
    place.write_text(code, encoding="utf-8")
    return f'command = ["{sys.executable}", "tell.py"]'


KEEP = (
    "import sys, os; open('told', 'a').write(sys.stdin.read() + '\\n'); open('env', 'w').write(str(dict(os.environ)))"
)


def kept(office: Office) -> list[dict[str, Any]]:
    place = office.folder / "told"
    return [json.loads(line) for line in place.read_text("utf-8").splitlines()] if place.exists() else []


def test_each_change_of_state_is_told_once_by_every_way(office: Office, hook: Hook) -> None:
    configured(office, script(office, KEEP) + f'\nwebhook = "{hook.url}"')
    office.tree(("Ops",))
    codes = [office.run("sync", "--yes").code]
    assert (hook.bodies, kept(office)) == ([], [])  # all is well, and was
    always(office.vendors.udesk, failing(404))
    codes += [office.run("sync", "--yes").code for _ in range(2)]
    office.vendors.udesk.faults.clear()
    office.tree(("Sales",))
    codes += [office.run("sync").code, office.run("sync", "--yes").code, office.run("sync", "--yes").code]
    assert codes == [0, 5, 5, 3, 0, 0]
    assert hook.states == ["broken", "needs a person", "recovered"]
    assert hook.bodies == kept(office)
    assert [one["was"] for one in hook.bodies] == ["well", "broken", "needs a person"]


def test_what_is_told_names_the_reason_and_the_run_and_no_record_and_no_secret(office: Office, hook: Hook) -> None:
    configured(office, script(office, KEEP) + f'\nwebhook = "{hook.url}"')
    office.tree(("Confidential",))
    always(office.vendors.scalepad, failing(401, b"sandbox-scalepad-token is wrong"))
    done = office.run("sync", "--yes", "--json")
    (told,) = hook.bodies
    assert (told["exit_code"], told["command"], told["run_id"]) == (5, "sync", done.json()["run_id"])
    assert told["reasons"][0].startswith("amm: departments: ")
    assert told["counts"]["plan"] == {"ready": 1, "refused": 0, "held": 0}
    assert told["config"] == str(office.config)
    assert told["text"].startswith(f"orgweave sync ({office.folder.name}): broken: amm: ")
    assert "Confidential" not in json.dumps(told)
    assert "sandbox-scalepad-token" not in json.dumps(told)
    assert "CONNECTIONS__" not in (office.folder / "env").read_text("utf-8")


@pytest.mark.usefixtures("published")
def test_what_a_person_must_decide_is_counted(office: Office, hook: Hook) -> None:
    configured(office, f'webhook = "{hook.url}"')
    office.tree(("Sales Team",))
    office.vendors.scalepad.add_department("Sales  Teams", None)
    assert office.run("sync", "--yes").code == 3
    (told,) = hook.bodies
    (open_ones,) = office.ask("SELECT count(*) FROM ops.proposals WHERE decided_at IS NULL")
    assert told["counts"]["proposals"] == open_ones[0] > 0
    assert any("wait for a person" in one for one in told["reasons"])


def test_a_run_that_could_not_begin_is_told_too(office: Office, hook: Hook) -> None:
    configured(office, f'webhook = "{hook.url}"')
    office.workspace.mkdir()
    (office.workspace / "journal.sqlite").write_bytes(b"no database " * 100)
    assert office.run("sync", "--yes").code == 2
    assert office.run("sync", "--yes").code == 2
    (told,) = hook.bodies
    assert (told["state"], told["run_id"], "journal.sqlite" in told["reasons"][0]) == ("broken", None, True)


def test_only_the_commands_that_were_named_are_told_each_by_itself(office: Office, hook: Hook) -> None:
    configured(office, f'webhook = "{hook.url}"\nruns = ["sync", "pull"]')
    always(office.vendors.udesk, failing(404))
    for words in (("plan",), ("sync", "--yes"), ("pull",)):
        office.run(*words)
    assert [one["command"] for one in hook.bodies] == ["sync", "pull"]


def test_a_webhook_that_fails_is_a_warning_and_is_tried_again_by_the_next_run(office: Office, hook: Hook) -> None:
    configured(office, f'webhook = "{hook.url}"')
    always(office.vendors.udesk, failing(404))
    for status in (500, 302):
        hook.status = status
        done = office.run("sync", "--yes", "--quiet")
        assert (done.code, f"notify.webhook: the webhook answered with HTTP {status}" in done.err) == (5, True)
        assert "secret-path" not in done.text
    hook.status = 204
    assert "notify" not in office.run("sync", "--yes", "--quiet").err
    assert hook.states == ["broken"] * 3
    assert office.run("sync", "--yes").code == 5
    assert len(hook.bodies) == 3


def test_a_webhook_that_is_not_there_keeps_no_run_from_ending_well(office: Office) -> None:
    configured(office, 'webhook = "http://127.0.0.1:9/services/secret-path"')
    office.tree(("Ops",))
    done = office.run("sync")
    assert (done.code, "notify.webhook: the webhook was not reached" in done.err) == (3, True)
    assert "secret-path" not in done.text


def test_the_secrets_of_a_webhook_come_from_where_all_secrets_come_from(office: Office, hook: Hook) -> None:
    configured(office, 'webhook = "secret"\nheader = "X-Token"')
    always(office.vendors.udesk, failing(404))
    assert "set NOTIFY__WEBHOOK" in office.run("sync", "--yes").err
    os.environ["NOTIFY__WEBHOOK"] = hook.url
    os.environ["NOTIFY__AUTHORIZATION"] = "tok-000"
    done = office.run("sync", "--yes", "--verbose")
    assert ("tok-000" in done.text, "secret-path" in done.text) == (False, False)
    assert hook.headers[0]["X-Token"] == "tok-000"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import sys; sys.exit('no mail today')", "ended with 1: no mail today"),
        ("import threading; threading.Event().wait()", "took more than 1 s, and was ended"),
    ],
)
def test_a_program_that_fails_or_hangs_is_a_warning(office: Office, code: str, told: str) -> None:
    configured(office, script(office, code) + '\ntimeout = "1s"')
    always(office.vendors.udesk, failing(404))
    done = office.run("sync", "--yes")
    assert (done.code, told in done.err) == (5, True)
    assert not (office.workspace / "notified.json").exists()


def test_a_program_that_is_not_there_is_a_warning(office: Office) -> None:
    configured(office, 'command = ["/nowhere/tell"]')
    done = office.run("sync")
    assert (done.code, "notify.command: " in done.err) == (0, False)
    office.tree(("Ops",))
    done = office.run("sync")
    assert (done.code, "notify.command: [Errno 2] No such file" in done.err) == (3, True)


def test_a_damaged_memory_of_what_was_told_costs_one_message_too_many(office: Office, hook: Hook) -> None:
    configured(office, f'webhook = "{hook.url}"')
    office.tree(("Ops",))
    for text in ("", "{", "[1]", '{"sync": 1}'):
        assert office.run("sync").code == 3
        (office.workspace / "notified.json").write_text(text, encoding="utf-8")
    assert hook.states == ["needs a person"] * 4


def test_the_memory_is_private(office: Office, hook: Hook) -> None:
    configured(office, f'webhook = "{hook.url}"')
    office.tree(("Ops",))
    assert office.run("sync").code == 3
    place: Path = office.workspace / "notified.json"
    assert place.stat().st_mode & 0o777 == 0o600
    assert not list(office.workspace.glob(".notified*"))
