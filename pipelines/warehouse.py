"""One destination of ``[publish]``, through dlt: what of the published tables stands there, and how they get there."""

import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mappings.tables import TABLES
from pipelines.credentials import in_mapping, of_destination
from sources.secret import Scrubber
from state.handing import Handing

NAMES = ("postgres", "motherduck", "bigquery", "snowflake")
"""The destinations that may be named; of these PostgreSQL alone was ever tried."""

FORMATS = {"postgres": "insert_values"}  # its CSV makes an empty text and none the same
OURS = "_dlt_version"  # dlt makes it in every schema that it fills
MEANWHILE = {
    "SCHEMA__NAMING": "snake_case",  # as our names are; what landed records have would be quoted at some warehouses
    "RUNTIME__LOG_LEVEL": "CRITICAL",  # its errors hold rows and statements, and pass no scrubber
}


class Foreign(Exception):
    """A schema there holds tables of ours by name that no load made."""


class Warehouse:
    """An account at a destination. ``prefix``: what stands before ``org`` and ``ops`` there.

    Each table is replaced in one transaction, from a schema beside it, so that views and grants on it stay.
    """

    def __init__(self, name: str, prefix: str, folder: Path) -> None:
        self._name = name
        self._prefix = prefix
        self._folder = folder

    def place(self, schema: str) -> str:
        """What a schema is called there."""
        return f"{self._prefix}{schema}"

    @contextmanager
    def open(self, scrubber: Scrubber) -> Iterator[None]:
        """Set dlt up for it. Nothing of a load is left in the folder: the next one begins with what is published.

        A run that was killed left its load there, which dlt would end first, and not take what it is given.
        """
        shutil.rmtree(self._folder, ignore_errors=True)
        before = {key: os.environ.get(key) for key in MEANWHILE}
        os.environ.update(MEANWHILE)
        log = logging.getLogger("dlt")
        level = log.level
        log.setLevel(logging.CRITICAL)  # where it was made before
        try:
            scrubber.learn(*of_destination(self._name))
            yield
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
            log.setLevel(level)
            for key, value in before.items():
                os.environ.pop(key)
                os.environ.update({} if value is None else {key: value})

    def there(self, schema: str, scrubber: Scrubber) -> set[str]:
        """The tables of a schema that stand there. ``Foreign`` where they are somebody else's; dlt's errors."""
        names = [table for table in TABLES if table.startswith(f"{schema}.")]
        with self._pipeline(schema).destination_client() as client:
            scrubber.learn(*in_mapping(dict(client.config.credentials)))
            if not client.is_storage_initialized():
                return set()
            tables = client.get_storage_tables([*(one.partition(".")[2] for one in names), OURS])
            found = {name for name, columns in tables if columns}
        there = {one for one in names if one.partition(".")[2] in found}
        if there and OURS not in found:
            raise Foreign(
                f"the schema {self.place(schema)} there holds {', '.join(sorted(there)[:3])}, and no load of ours made "
                'it. What to do: [publish] prefix = "orgweave_", or drop these tables'
            )
        return there

    def load(self, schema: str, tables: Sequence[str], handing: Handing, *, anew: bool = False) -> None:
        """Replace these tables of a schema; ``anew``: make them first, though dlt made them before. dlt's errors."""
        import dlt

        resources = [
            dlt.resource(
                handing.batches(table),
                name=table.partition(".")[2],
                write_disposition="replace",
                columns={name: {"description": told} for name, (_, told) in TABLES[table].columns.items()},
            )
            for table in tables
        ]
        form: Any = FORMATS.get(self._name)
        self._pipeline(schema).run(
            resources,
            schema=dlt.Schema(f"published_{schema}"),
            loader_file_format=form,
            refresh="drop_resources" if anew else None,
        )

    def _pipeline(self, schema: str) -> Any:
        import dlt
        from dlt.common.destination import Destination

        return dlt.pipeline(
            pipeline_name=f"publish_{self._name}_{schema}",
            pipelines_dir=str(self._folder),
            destination=Destination.from_reference(self._name, replace_strategy="insert-from-staging"),
            dataset_name=self.place(schema),
        )
