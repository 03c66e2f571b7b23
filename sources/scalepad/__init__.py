"""ScalePad AMM, v2: the departments of one client organisation, a flat list.

As a dlt source: ``dlt.pipeline(...).run(sources.scalepad.source(base_url, {"token": ...}, {"client_id": ...}))``.
"""

from functools import partial

from sources.landing import vendor_source

source = partial(vendor_source, "scalepad")
