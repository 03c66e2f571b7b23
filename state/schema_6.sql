-- Version 6: records of another kind that a migration found at its target, and took for those of its source.
CREATE TABLE became (
    connection   TEXT NOT NULL, -- the target, and its record
    entity       TEXT NOT NULL,
    source_id    TEXT NOT NULL,
    from_entity  TEXT NOT NULL,
    canonical_id TEXT NOT NULL, -- the record that became it
    run_id       TEXT NOT NULL,
    at           TEXT NOT NULL,
    PRIMARY KEY (connection, entity, canonical_id),
    UNIQUE (connection, entity, source_id)
) STRICT;
