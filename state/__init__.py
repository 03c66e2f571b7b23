"""The one owner of what is remembered: the safety record, the working database, and the published file."""
