-- Version 8: how many links ended is told without a look at all those that hold, which may be a million.
CREATE INDEX ended_links ON links (seq) WHERE unlinked_at IS NOT NULL;
