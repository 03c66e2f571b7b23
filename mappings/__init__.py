"""The canonical org model, matching, survivorship, projection and plan: pure values and functions, no I/O, no clock."""
