"""Nexudus: help desk departments, teams and coworker tasks of one location, over the admin REST API.

As a dlt source: ``dlt.pipeline(...).run(sources.nexudus.source(base_url, {"token": ...}, {"business_id": 123}))``.
"""

from functools import partial

from sources.landing import vendor_source

source = partial(vendor_source, "nexudus")
