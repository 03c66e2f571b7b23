"""A PostgreSQL server of a test's own, from the system's packages; as an unprivileged user, for it refuses root."""

import os
import pwd
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

USER, PASSWORD = "orgweave", "tok-pg-000"


def programs() -> Path | None:
    """Where ``initdb`` and ``pg_ctl`` stand; None where they are not installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    return next((one for one in (*installed, *on_path) if (one / "pg_ctl").exists()), None)


@dataclass
class Server:
    """A server on a free port of loopback, with a password."""

    bin: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """What it answers."""
        import psycopg2

        with psycopg2.connect(self.url, options="-c TimeZone=UTC") as db, db.cursor() as cursor:
            cursor.execute(sql)
            found: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
        db.close()
        return found

    def _run(self, program: str, *words: str) -> None:
        who = pwd.getpwnam("nobody") if os.getuid() == 0 else None
        drop: dict[str, Any] = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if who else {}
        subprocess.run([self.bin / program, *words], cwd=self.folder, check=True, capture_output=True, **drop)  # noqa: S603 - theirs


def serve() -> Server:
    """Make a server, in a short folder that its user may enter, and start it."""
    where = programs()
    assert where is not None
    folder = Path(mkdtemp(prefix="orgweave-pg-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Server(where, folder, free.getsockname()[1])
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    if os.getuid() == 0:
        who = pwd.getpwnam("nobody")
        for place in (folder, folder / "password"):
            os.chown(place, who.pw_uid, who.pw_gid)
    server._run(
        "initdb", "-D", "data", "-U", USER, "-A", "scram-sha-256", "--pwfile=password", "--no-sync", "-E", "UTF8",
        "--locale=C.UTF-8",
    )  # fmt: skip
    server.start()
    return server
