"""Ours, as a user runs it: the command line in a folder with an ``orgweave.toml``, secrets in the environment."""

import sys
from pathlib import Path

import duckdb

from tests.bench.measure import Broken, Server, Spent, spent

SECRETS = {"CONNECTIONS__HQ__TOKEN": "tok-000"}
CONFIG = """\
[connections.hq]
vendor = "nexudus"
base_url = "{url}"
business_id = 123

[connections.hq.pace]
reads_per_minute = 1000000
concurrency = 8
"""
AUTHORITY = """
[{kind}]
authority = ["hq"]
"""


def prepare(folder: Path, server: Server, *kinds: str) -> None:
    """Write the configuration; ``kinds`` are those that the connection has a say on."""
    text = CONFIG.format(url=server.url) + "".join(AUTHORITY.format(kind=kind) for kind in kinds)
    (folder / "orgweave.toml").write_text(text, encoding="utf-8")


def run(folder: Path, *words: str, fine: tuple[int, ...] = (0,)) -> Spent:
    """Run ``orgweave`` with these words. Raises ``Broken``."""
    command = Path(sys.executable).with_name("orgweave")
    if not command.exists():
        raise Broken("orgweave is not installed beside this Python: make setup")
    return spent([str(command), *words], folder, SECRETS, fine)


def landed(folder: Path) -> int:
    """How many tasks stand in the published file."""
    with duckdb.connect(str(folder / "org.duckdb"), read_only=True) as db:
        (rows,) = db.execute("SELECT count(*) FROM main.tasks").fetchone() or (0,)
        return int(rows)
