"""Splink as a baseline, in a Python of its own: ``PYTHON org_splink.py RECORDS PAIRS``.

RECORDS: JSON lines of system, id, leaf, parent, above; PAIRS becomes JSON, a list of [system, id, system, id,
likelihood]. It imports nothing of orgweave, since Splink needs a newer sqlglot than dlt bears.
"""

import json
import sys
from pathlib import Path
from typing import Any

LIKELY = 0.001  # what is less likely is not told
PAIRS = 5e6  # that it learns from, of the twelve million that there are


def settings() -> Any:
    """The model: the name, a rare one counting more; the name above it; all above that, where it is told."""
    from splink import SettingsCreator, block_on
    from splink import comparison_library as compare

    return SettingsCreator(
        link_type="link_only",
        comparisons=[
            compare.JaroWinklerAtThresholds("leaf", [0.95, 0.88, 0.75]).configure(term_frequency_adjustments=True),
            compare.JaroWinklerAtThresholds("parent", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            compare.JaroWinklerAtThresholds("above", [0.92, 0.8]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("leaf"),
            block_on("parent"),
            block_on("substr(leaf, 1, 3)"),
            block_on("substr(leaf, -4)"),
        ],
    )


def predicted(db: Any) -> list[dict[str, Any]]:
    """Learn the model from the records alone, and predict which are the same."""
    from splink import Linker, block_on
    from splink.backends.duckdb import DuckDBAPI

    api, tables = DuckDBAPI(db), []
    for (system,) in db.execute("SELECT DISTINCT system FROM records ORDER BY system").fetchall():
        query = "SELECT id AS unique_id, leaf, parent, above FROM records WHERE system = ?"
        db.execute(f"CREATE TABLE {system} AS {query}", [system])
        tables.append(api.register(system, dataset_display_name=system))
    linker = Linker(tables, settings(), log_level="ERROR")
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("leaf", "parent")], recall=0.6)
    training.estimate_u_using_random_sampling(max_pairs=PAIRS, seed=1)
    training.estimate_parameters_using_expectation_maximisation(block_on("leaf"))
    training.estimate_parameters_using_expectation_maximisation(block_on("parent"))
    rows: list[dict[str, Any]] = linker.inference.predict(threshold_match_probability=LIKELY).as_record_list()
    return rows


def main() -> None:
    """Read, predict, write."""
    import duckdb

    source, target = sys.argv[1:]
    db = duckdb.connect()
    db.execute(
        "CREATE TABLE records AS FROM read_json(?, columns = {system: 'VARCHAR', id: 'VARCHAR', "
        "leaf: 'VARCHAR', parent: 'VARCHAR', above: 'VARCHAR'})",
        [source],
    )
    keys = ("source_dataset_l", "unique_id_l", "source_dataset_r", "unique_id_r", "match_probability")
    found = [[row[key] for key in keys] for row in predicted(db)]
    Path(target).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
