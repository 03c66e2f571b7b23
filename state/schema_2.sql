-- Version 2: the writes that left for each connection, for budgets by the day. A request that is sent again is one more.
CREATE TABLE sent_writes (
    seq        INTEGER PRIMARY KEY,
    connection TEXT NOT NULL,
    sent_at    TEXT NOT NULL
) STRICT;

CREATE INDEX writes_of_connection ON sent_writes (connection, sent_at);

-- What version 1 sent is known from its journal, but for requests that were sent again.
INSERT INTO sent_writes (connection, sent_at)
SELECT connection, begun_at FROM intents WHERE outcome IS NULL OR outcome NOT IN ('stale', 'not_sent') ORDER BY seq;
