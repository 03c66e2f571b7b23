"""``[publish] destinations``: the published tables in the warehouses that the operator has, loaded by dlt.

Only tables that changed since their last load are loaded again; ``loaded.json`` in the workspace keeps what was loaded.
A destination that fails is a warning and exit code 5: the model, all writes and the published file stand, and the next
run tries again.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from pipelines import secrets
from pipelines.errors import Exit, worst
from pipelines.reasons import UNLOADED
from pipelines.run import Run
from pipelines.warehouse import Warehouse
from state.handing import Handing, open_handing
from state.swapping import swap_in

FILE = "loaded.json"

Loaded = dict[str, dict[str, str]]
"""Destination and schema there → table → what it held when it was loaded."""


def load_published(run: Run) -> None:
    """Bring every destination in step with the published file; what fails is a warning."""
    wanted = run.config.operating.destinations
    if not wanted.names:
        return
    secrets.set_up_dlt(run.config)
    with run.timed("load"), open_handing(run.config.publish) as handing:
        digests = handing.digests()
        for name in wanted.names:
            try:
                _bring(run, name, handing, digests)
            except Exception as fault:  # a warehouse may fail in any way; the run did its work
                run.exit = worst(run.exit, Exit.CONNECTION)
                run.summary.setdefault(UNLOADED, []).append(name)
                run.warn(f"publish.{name}: not loaded: {_why(fault, name)}; the next run tries again")


def _bring(run: Run, name: str, handing: Handing, digests: Mapping[str, str]) -> None:
    """Bring one destination in step, schema by schema: what was loaded before another one failed counts."""
    wanted, place = run.config.operating.destinations, run.config.workspace / FILE
    warehouse = Warehouse(name, wanted.prefix, run.config.workspace / "dlt" / f"publish_{name}")
    with warehouse.open(run.scrubber):
        for schema in sorted({table.partition(".")[0] for table in digests}, reverse=True):
            there = warehouse.there(schema, run.scrubber)
            known = _known(place)
            key = f"{name} {warehouse.place(schema)}"
            ours = {table: digest for table, digest in digests.items() if table.startswith(f"{schema}.")}
            stale = [one for one in ours if one not in there or known.get(key, {}).get(one) != ours[one]]
            for anew in (True, False):
                if some := [one for one in stale if (one not in there) == anew]:
                    warehouse.load(schema, some, handing, anew=anew)
            if stale:
                swap_in(place, json.dumps({**known, key: ours}) + "\n", mode=0o600)
                run.say(f"loaded {len(stale)} tables into {warehouse.place(schema)} at {name}")


def _known(place: Path) -> Loaded:
    """What was loaded; nothing where the file was lost or damaged: then all is loaded again."""
    with suppress(OSError, ValueError):
        found = json.loads(place.read_text(encoding="utf-8"))
        if isinstance(found, dict) and all(isinstance(one, dict) for one in found.values()):
            return found
    return {}


def _why(fault: BaseException, name: str) -> str:
    """The innermost reason in one line, and what to do about it."""
    chain = [fault]
    while (inner := chain[-1].__cause__ or chain[-1].__context__) is not None and inner not in chain:
        chain.append(inner)
    for one in reversed(chain):
        if type(one).__name__ in ("ConfigFieldMissingException", "MissingDependencyException", "ModuleNotFoundError"):
            return _missing(one, name)
    text = next((line for one in reversed(chain) if (line := " ".join(str(one).split()))), type(fault).__name__)
    return text if len(text) <= 300 else f"{text[:299]}…"


def _missing(fault: BaseException, name: str) -> str:
    if type(fault).__name__ != "ConfigFieldMissingException":
        return f"dlt's part for it is not installed. What to do: pip install 'orgweave[{name}]'"
    return (
        f"its credentials are missing. What to do: set DESTINATION__{name.upper()}__CREDENTIALS in the environment, or "
        f"credentials under [destination.{name}] in .dlt/secrets.toml"
    )
