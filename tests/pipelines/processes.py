"""The command as a process of its own, where the process is what matters."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.pipelines.rig import Office, Ran

ORGWEAVE = """
import sys
from pipelines.cli import main
sys.argv[0] = "orgweave"
try:
    main()
finally:
    sys.stdout.flush()
"""
IMPORTED = (
    ORGWEAVE
    + """    print(sorted({"dlt", "duckdb", "httpx", "pyarrow"} & sys.modules.keys()), file=sys.stderr)
"""
)
"""The same, with the heavy libraries that it loaded told on the last line of standard error."""


def started(words: Sequence[str], *, config: Path | None = None, code: str = ORGWEAVE) -> "subprocess.Popen[str]":
    """Start the command line; its streams are pipes, its language is C as under cron."""
    env = {**os.environ, "LC_ALL": "C", "LANG": "C", "PYTHONWARNINGS": "default"}
    if config is not None:
        env["ORGWEAVE_CONFIG"] = str(config)
    return subprocess.Popen(  # noqa: S603 - our own command line
        [sys.executable, "-c", code, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=env,
    )


def ran(words: Sequence[str], office: Office | None = None, *, code: str = ORGWEAVE) -> Ran:
    """Run the command line to its end."""
    with started(words, config=office.config if office else None, code=code) as process:
        out, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    return Ran(process.returncode, out, err)
