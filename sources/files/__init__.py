"""A folder of CSV or Parquet files, one of each kind: what an HR system exports.

As a dlt source: ``dlt.pipeline(...).run(sources.files.source("", {}, {"folder": ..., "departments": ...}))``.
"""

from functools import partial

from sources.landing import vendor_source

source = partial(vendor_source, "files")
