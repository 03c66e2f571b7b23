"""ScalePad AMM, v2: the departments of one client organisation, a flat list."""
