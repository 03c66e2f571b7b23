"""The verbs: pull, reconcile, plan, apply, sync, publish; and the command line that calls them."""
