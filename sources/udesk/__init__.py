"""Udesk, open_api_v1: the departments of one company, as a tree.

As a dlt source: ``dlt.pipeline(...).run(sources.udesk.source(base_url, {"email": ..., "open_api_token": ...}))``.
"""

from functools import partial

from sources.landing import vendor_source

source = partial(vendor_source, "udesk")
