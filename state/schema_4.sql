-- Version 4: what people decided. A decision is never changed; a later one about the same takes its place.
CREATE TABLE decisions (
    seq          INTEGER PRIMARY KEY,
    verdict      TEXT NOT NULL,
    subject      TEXT NOT NULL, -- the id of the proposal or conflict that it is about
    entity       TEXT NOT NULL,
    connection   TEXT,
    source_id    TEXT,
    canonical_id TEXT,
    field        TEXT,
    told         TEXT NOT NULL, -- what was known and decided, JSON
    decided_by   TEXT NOT NULL,
    note         TEXT,
    decided_at   TEXT NOT NULL,
    run_id       TEXT NOT NULL REFERENCES runs (run_id)
) STRICT;

-- A remote record is not this canonical one, until a person says otherwise.
CREATE TABLE cannot_links (
    connection   TEXT NOT NULL,
    entity       TEXT NOT NULL,
    source_id    TEXT NOT NULL,
    canonical_id TEXT NOT NULL,
    decision     INTEGER NOT NULL REFERENCES decisions (seq),
    PRIMARY KEY (connection, entity, source_id, canonical_id)
) STRICT, WITHOUT ROWID;

-- Values that people gave; ended ones stay.
CREATE TABLE pins (
    seq          INTEGER PRIMARY KEY,
    entity       TEXT NOT NULL,
    canonical_id TEXT NOT NULL,
    field        TEXT NOT NULL,
    value        TEXT NOT NULL,
    hold         TEXT NOT NULL,
    until        TEXT,
    decision     INTEGER NOT NULL REFERENCES decisions (seq),
    ended_at     TEXT
) STRICT;

CREATE UNIQUE INDEX live_pin ON pins (entity, canonical_id, field) WHERE ended_at IS NULL;

-- Bases are numbered, so that a copy of them can be brought up to date.
ALTER TABLE record ADD COLUMN bases INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bases ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
