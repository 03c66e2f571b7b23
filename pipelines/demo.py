"""``orgweave demo``: the whole loop, shown on one believable company and three emulated vendors on loopback."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.text import Text

from pipelines import config as configuration
from pipelines import explain, verbs
from pipelines.config import Config
from pipelines.errors import Exit, UsageError, worst
from pipelines.planning import Planned
from pipelines.run import start
from pipelines.sandbox import SECRETS, Sandboxes, config_for, make
from pipelines.screen import Screen
from sources.twin import TwinServer
from state.published import ask

MARK = ".orgweave-demo"  # tells a folder that an earlier demo made, and a later one may make anew
OLD_NAME, NEW_NAME = "Facilities", "Workplace & Facilities"

QUESTIONS: tuple[tuple[str, str], ...] = (
    (
        "The departments that two systems or more hold, and where",
        """SELECT path, string_agg(connection, ', ' ORDER BY connection) AS held_by
FROM org.departments JOIN org.crosswalk ON canonical_id = department_id
WHERE entity = 'department' AND unlinked_at IS NULL
GROUP BY path HAVING count(*) > 1 ORDER BY path""",
    ),
    (
        "Who is in which team",
        """SELECT name AS team, full_name AS person, role
FROM org.team_members
JOIN org.teams USING (team_id) JOIN org.people USING (person_id)
ORDER BY team, person, role""",
    ),
    (
        "What orgweave renamed, and why",
        """SELECT connection, before->>'name' AS was, after->>'name' AS is_now, reason
FROM ops.changes JOIN ops.runs USING (run_id)
WHERE op = 'rename' AND status = 'done' ORDER BY started_at, connection""",
    ),
)


def run_demo(folder: Path, screen: Screen) -> tuple[Exit, Mapping[str, Any]]:
    """Serve the sandboxes, sync, rename a department at the source, sync again, and ask the published file."""
    try:
        _clear(folder)
    except OSError as fault:
        raise UsageError(f"{folder}: cannot be made: {fault.strerror}. What to do: name another folder") from fault
    vendors = make()
    with vendors.serve() as server, _environment(SECRETS):
        config = _configure(folder, server)
        _heading(screen, "1. Three vendors, one company; the first sync")
        codes = [_sync(config, screen)]
        first = _writes(vendors)
        _heading(screen, f"2. Somebody renames {OLD_NAME} to {NEW_NAME} in Udesk; the second sync")
        [renamed] = [one for one, (name, _) in vendors.udesk.departments.items() if name == OLD_NAME]
        vendors.udesk.rename(renamed, NEW_NAME)
        codes.append(_sync(config, screen))
        second = _writes(vendors) - first
        _heading(screen, "3. Nothing changed; the third sync")
        codes.append(_sync(config, screen))
        third = _writes(vendors) - first - second
        screen.show(f"Writes sent: {first} in the first sync, {second} in the second, {third} in the third.", "")
    _heading(screen, f"4. Three questions to {config.publish}")
    answers = [_answer(config, screen, title, sql) for title, sql in QUESTIONS]
    this = this_command()
    screen.show(f"All of it is in {folder}/.", f"Next: {this} sandbox --port 8901")
    screen.show(f"and beside it, in a folder of your own: {this} init --sandbox 8901")
    return worst(*codes), {
        "folder": str(folder.absolute()),
        "published": str(config.publish),
        "writes": [first, second, third],
        "answers": answers,
    }


def this_command() -> str:
    """What to type for orgweave in any folder: its name, or the script's path where no PATH finds it."""
    script = Path(sys.argv[0])
    ours = script.name == "orgweave" and script.is_file()
    return shlex.quote(str(script.absolute())) if ours and not shutil.which("orgweave") else "orgweave"


def _clear(folder: Path) -> None:
    """Make the folder, or take an earlier demo out of it; anybody else's folder is left alone."""
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / MARK).exists())):
        raise UsageError(f"{folder}: exists, and no demo made it. What to do: name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    shutil.rmtree(folder / ".orgweave", ignore_errors=True)
    for name in (configuration.FILE, "org.duckdb"):
        (folder / name).unlink(missing_ok=True)


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {key: os.environ.get(key) for key in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


def _configure(folder: Path, server: TwinServer) -> Config:
    path = folder / configuration.FILE
    path.write_text(config_for(server.url), encoding="utf-8")
    return configuration.load(path.absolute())


def _sync(config: Config, screen: Screen) -> Exit:
    def confirm(planned: Planned) -> bool:
        screen.show(*explain.plan(planned, config))
        return True

    with start(config, "sync", screen.scrubber, screen.say) as run:
        verbs.open_secrets(run, config.connections)
        _, planned, applied = verbs.do_sync(run, confirm)
        verbs.finish(run)
        if planned is not None and not planned.plan.ready():
            screen.show(*explain.plan(planned, config))
        if applied is not None:
            done = verbs.results_summary(applied.results)["done"]
            verified = "verified: it reads back as it was written" if applied.verified else "not verified"
            screen.show(f"{done} of {len(applied.results)} changes done; {verified}.", "")
        return run.exit


def _writes(vendors: Sandboxes) -> int:
    return sum(len(twin.writes()) for twin in (vendors.udesk, vendors.scalepad, vendors.nexudus))


def _heading(screen: Screen, text: str) -> None:
    screen.show(Text(f"\n{text}", style="bold cyan"))


def _answer(config: Config, screen: Screen, title: str, sql: str) -> dict[str, Any]:
    columns, rows = ask(config.publish, sql)
    screen.show(Text(f"\n-- {title}", style="bold"), Text(sql, style="dim"), explain.rows(columns, rows), "")
    return {"question": title, "sql": sql, "columns": list(columns), "rows": [list(row) for row in rows]}
