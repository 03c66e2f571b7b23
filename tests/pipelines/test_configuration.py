"""Mistakes in ``orgweave.toml``: each is named with its file, its key and the remedy."""

from pathlib import Path

import pytest

from tests.pipelines.rig import run

ACCOUNT = "[connections.hq]\nvendor = 'nexudus'\nbase_url = 'https://hq.test'\nbusiness_id = 1\n"
UNKNOWN = [
    ("[workspace]\ndri = 'x'\n", "workspace.dri", "workspace.dir"),
    ("[departmens]\nauthority = []\n", "departmens", "departments"),
    ("[teams]\nautority = []\n", "teams.autority", "teams.authority"),
    ("[limits]\ncreate = 1\n", "limits.create", "limits.creates"),
    ("[protect]\nteam = ['x']\n", "protect.team", "protect.teams"),
    ("[workspace]\nkeep_run = 9\n", "workspace.keep_run", "workspace.keep_runs"),
    ("[notify]\nwebhok = 'x'\n", "notify.webhok", "notify.webhook"),
    ("[metrics]\nfiles = 'x'\n", "metrics.files", "metrics.file"),
    ("[metric]\nfile = 'x'\n", "metric", "metrics"),
    ("[connections.x]\nvendor = 'nexudus'\nbase_ulr = 'x'\n", "connections.x.base_ulr", "connections.x.base_url"),
    ("[connections.x]\nvendor = 'nexudus'\nbusines_id = 1\n", "connections.x.busines_id", "connections.x.business_id"),
    (
        "[connections.x]\nvendor = 'nexudus'\nbase_url = 'https://x.test'\n[connections.x.pace]\nread_per_minute = 1\n",
        "connections.x.pace.read_per_minute",
        "connections.x.pace.reads_per_minute",
    ),
]


@pytest.mark.parametrize(("lines", "key", "nearest"), UNKNOWN, ids=[key for _, key, _ in UNKNOWN])
def test_an_unknown_key_is_named_with_its_file_and_the_nearest_valid_key(
    tmp_path: Path, lines: str, key: str, nearest: str
) -> None:
    file = tmp_path / "orgweave.toml"
    file.write_text(ACCOUNT + lines, encoding="utf-8")
    ran = run("check", config=file)
    assert ran.code == 2
    for text in (f"unknown key {key};", f"did you mean {nearest}?", str(file)):
        assert text in ran.err


WRONG = [
    ("", "connections"),
    ("connections = 1\n", "connections"),
    ("[connections]\nhq = 'x'\n", "connections.hq"),
    ("[connections.HQ]\nvendor = 'nexudus'\n", "connections.HQ"),
    ("[connections.hq]\nvendor = 'nexsudus'\n", "udesk, "),
    ("[connections.hq]\nbase_url = 'https://x.test'\n", "connections.hq.vendor"),
    ("[connections.hq]\nvendor = ['nexudus']\n", "connections.hq.vendor"),
    ("[connections.hq]\nvendor = 'nexudus'\nbusiness_id = 1\n", "base_url"),
    ("[connections.hq]\nvendor = 'nexudus'\nbase_url = 'https://x.test'\n", "connections.hq.business_id"),
    (ACCOUNT.replace("= 1", "= '1'"), "connections.hq.business_id: expected int, got str"),
    (ACCOUNT.replace("= 1", "= true"), "connections.hq.business_id: expected int, got bool"),
    (ACCOUNT + "apply_disabled = 'no'\n", "connections.hq.apply_disabled"),
    (ACCOUNT + "full_every = 'daily'\n", "connections.hq.full_every"),
    (ACCOUNT + "[connections.hq.pace]\nreads_per_minute = 0\n", "connections.hq.pace.reads_per_minute"),
    (ACCOUNT + "pace = 3\n", "connections.hq.pace"),
    (ACCOUNT + "workspace = 'x'\n", "unknown key connections.hq.workspace"),
    (ACCOUNT + "[workspace]\nsettle = 120\n", "workspace.settle"),
    (ACCOUNT + "[workspace]\nsettle = '2 min'\n", "workspace.settle"),
    (ACCOUNT + "[departments]\nauthority = 'hq'\n", "departments.authority"),
    (ACCOUNT + "[departments]\nauthority = ['hqq']\n", "[connections.hqq]"),
    (ACCOUNT + "[departments]\nwrite_to = ['hqq']\n", "[connections.hqq]"),
    (ACCOUNT + "[departments]\nnaming = 'leaves'\n", "departments.naming"),
    (ACCOUNT + "[departments]\non_conflict = 'quarrel'\n", "departments.on_conflict"),
    (ACCOUNT + "[limits]\ncreates = -1\n", "limits.creates"),
    (ACCOUNT + "[limits]\ncreates = '10'\n", "limits.creates"),
    (ACCOUNT + "[limits]\ncreates = '101%'\n", "limits.creates"),
    (ACCOUNT + "[limits]\ncreates = true\n", "limits.creates"),
    (ACCOUNT + "[limits]\ncreates = []\n", "limits.creates"),
    (ACCOUNT + "[protect]\ndepartments = 'Legal'\n", "protect.departments"),
    (ACCOUNT + "[people]\nemail = 'yes'\n", "people.email"),
    ("[connections.hq]\nvendor = 'udesk'\nbase_url = 'https://x.test'\nname_scope = 'team'\n", "name_scope"),
    ("[connections.hq]\nvendor = 'udesk'\nbase_url = 'https://x.test'\n[teams]\nauthority = ['hq']\n", "teams"),
    (ACCOUNT + "[workspace]\nkeep_runs = 0\n", "workspace.keep_runs: at least 1"),
    (ACCOUNT + "[workspace]\nkeep_runs = 'all'\n", "workspace.keep_runs"),
    (ACCOUNT + "[metrics]\nfile = 'orgweave.txt'\n", "metrics.file"),
    (ACCOUNT + "[notify]\ncommand = 'mail ops'\n", "notify.command"),
    (ACCOUNT + "[notify]\ncommand = []\n", "notify.command"),
    (ACCOUNT + "[notify]\nruns = ['synk']\n", "notify.runs"),
    (ACCOUNT + "[notify]\ntimeout = '2m'\n", "notify.timeout"),
    (ACCOUNT + "[notify]\ntimeout = '0s'\n", "notify.timeout"),
    (ACCOUNT + "[notify]\nheader = 'X: y'\n", "notify.header"),
    (ACCOUNT + "[notify]\nwebhook = 'hooks.test'\n", "notify.webhook: expected https://"),
    (ACCOUNT + "[notify]\nwebhook = 'https://[::1'\n", "notify.webhook: expected https://"),
    (ACCOUNT + "[notify]\nwebhook = 'https://u:p@hooks.test'\n", "notify.webhook: expected https://"),
    (ACCOUNT + "[notify]\nwebhook = 'http://hooks.test'\n", "notify.webhook: http would send it in the clear"),
    (ACCOUNT + "notify = 1\n", "unknown key connections.hq.notify"),
    ("[workspace\n", "not TOML"),
    ("a = 1\na = 2\n", "not TOML"),
]


@pytest.mark.parametrize(("lines", "told"), WRONG)
def test_a_wrong_value_is_named_with_its_file(tmp_path: Path, lines: str, told: str) -> None:
    file = tmp_path / "orgweave.toml"
    file.write_text(lines, encoding="utf-8")
    ran = run("pull", config=file)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert str(file) in ran.err
    assert "What to do: " in ran.err


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://udesk.example.test",
            "ftp://x.test",
            "x.test",
            "https://",
            "",
            "https://u:p@x.test",
            "https://:p@x.test",
            "https://x.test?a=1",
        ),
        *("https://x.test#a", "https://x.test:99999", "https://x.test:abc", "https://[::1", "https://a b.test"),
        *("http://127.0.0.1.evil.test", "http://localhost.evil.test", "https://x\\n.test", "https://x\\u0000.test"),
    ],
)
def test_an_address_that_would_leak_or_leads_nowhere_is_refused(tmp_path: Path, url: str) -> None:
    file = tmp_path / "orgweave.toml"
    file.write_text(f'[connections.amm]\nvendor = "scalepad"\nclient_id = "x"\nbase_url = "{url}"\n', encoding="utf-8")
    ran = run("check", config=file)
    assert (ran.code, "connections.amm.base_url" in ran.err) == (2, True)


@pytest.mark.parametrize("key", ["token", "password", "username"])
def test_a_secret_in_the_configuration_is_refused_with_where_to_put_it_and_not_repeated(
    tmp_path: Path, key: str
) -> None:
    file = tmp_path / "orgweave.toml"
    file.write_text(ACCOUNT + f"{key} = 'canary-1'\n", encoding="utf-8")
    ran = run("check", "--verbose", config=file)
    assert ran.code == 2
    for text in (str(file), f"connections.hq.{key}", f"CONNECTIONS__HQ__{key.upper()}", ".dlt/secrets.toml"):
        assert text in ran.err
    assert "canary-1" not in ran.text


def test_the_secret_of_a_webhook_in_the_configuration_is_refused_and_not_repeated(tmp_path: Path) -> None:
    file = tmp_path / "orgweave.toml"
    for lines in ("authorization = 'canary-1'", "webhook = 'http://x.test/canary-1'"):
        file.write_text(f"{ACCOUNT}[notify]\n{lines}\n", encoding="utf-8")
        ran = run("check", config=file)
        assert (ran.code, "canary-1" in ran.text, "notify." in ran.err) == (2, False, True)
