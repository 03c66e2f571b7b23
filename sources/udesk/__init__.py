"""Udesk, open_api_v1: the departments of one company, as a tree."""
