"""Toy for orgweave: its departments, read and written."""
