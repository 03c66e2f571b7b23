"""Nexudus: help desk departments, teams and coworker tasks of one location, over the admin REST API."""
