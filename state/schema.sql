-- The safety record, version 1: what cannot be read again. Times are ISO-8601 text in UTC, payloads are JSON.

-- Whose memory this is, and how many plans it has consumed.
CREATE TABLE record (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    lineage    TEXT NOT NULL,
    generation INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
    seq         INTEGER PRIMARY KEY,
    run_id      TEXT NOT NULL UNIQUE,
    command     TEXT NOT NULL,
    started_at  TEXT NOT NULL,
    finished_at TEXT,
    exit_code   INTEGER,
    summary     TEXT NOT NULL DEFAULT '{}'
) STRICT;

-- One row a read; the columns are those of mappings/receipt.py.
CREATE TABLE receipts (
    seq            INTEGER PRIMARY KEY,
    read_id        TEXT NOT NULL UNIQUE,
    run_id         TEXT NOT NULL REFERENCES runs (run_id),
    connection     TEXT NOT NULL,
    resource       TEXT NOT NULL,
    entity         TEXT NOT NULL,
    mode           TEXT NOT NULL,
    started_at     TEXT NOT NULL,
    finished_at    TEXT NOT NULL,
    pages          INTEGER NOT NULL,
    declared_total INTEGER,
    rows           INTEGER NOT NULL,
    "distinct"     INTEGER NOT NULL,
    duplicates     INTEGER NOT NULL,
    walks          INTEGER NOT NULL,
    calls          INTEGER NOT NULL,
    retries        INTEGER NOT NULL,
    end_signal     TEXT,
    complete       INTEGER NOT NULL,
    reason         TEXT
) STRICT;

CREATE INDEX receipts_of_run ON receipts (run_id);
CREATE INDEX believed_reads ON receipts (connection, resource, seq) WHERE complete = 1 AND mode = 'full';

-- Which remote record is which canonical one; a link that ended keeps its row.
CREATE TABLE links (
    seq          INTEGER PRIMARY KEY,
    connection   TEXT NOT NULL,
    entity       TEXT NOT NULL,
    source_id    TEXT NOT NULL,
    canonical_id TEXT NOT NULL,
    method       TEXT NOT NULL,
    confidence   REAL NOT NULL,
    evidence     TEXT NOT NULL,
    linked_run   TEXT NOT NULL REFERENCES runs (run_id),
    linked_at    TEXT NOT NULL,
    unlinked_run TEXT REFERENCES runs (run_id),
    unlinked_at  TEXT
) STRICT;

CREATE UNIQUE INDEX live_source ON links (connection, entity, source_id) WHERE unlinked_at IS NULL;
CREATE UNIQUE INDEX live_canonical ON links (entity, canonical_id, connection) WHERE unlinked_at IS NULL;

-- What a connection last agreed on, field by field.
CREATE TABLE bases (
    connection TEXT NOT NULL,
    entity     TEXT NOT NULL,
    source_id  TEXT NOT NULL,
    field      TEXT NOT NULL,
    value      TEXT NOT NULL,
    agreed_at  TEXT NOT NULL,
    run_id     TEXT NOT NULL REFERENCES runs (run_id),
    PRIMARY KEY (connection, entity, source_id, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE plans (
    seq        INTEGER PRIMARY KEY,
    plan_id    TEXT NOT NULL UNIQUE,
    digest     TEXT NOT NULL,
    run_id     TEXT NOT NULL REFERENCES runs (run_id),
    created_at TEXT NOT NULL,
    used_at    TEXT,
    generation INTEGER NOT NULL
) STRICT;

CREATE TABLE planned (
    plan_id      TEXT NOT NULL REFERENCES plans (plan_id),
    position     INTEGER NOT NULL,
    change_id    TEXT NOT NULL,
    connection   TEXT NOT NULL,
    entity       TEXT NOT NULL,
    op           TEXT NOT NULL,
    status       TEXT NOT NULL,
    canonical_id TEXT,
    source_id    TEXT,
    before       TEXT,
    after        TEXT,
    rule         TEXT,
    reason       TEXT,
    PRIMARY KEY (plan_id, change_id)
) STRICT, WITHOUT ROWID;

-- The ids that were visible before a write. Most intents of one apply share one set, so it is kept once.
CREATE TABLE sightings (
    digest TEXT PRIMARY KEY,
    ids    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The journal: a write is here, durably, before its request leaves. No outcome yet: it may or may not have happened.
CREATE TABLE intents (
    seq          INTEGER PRIMARY KEY,
    run_id       TEXT NOT NULL REFERENCES runs (run_id),
    plan_id      TEXT NOT NULL REFERENCES plans (plan_id),
    change_id    TEXT NOT NULL,
    connection   TEXT NOT NULL,
    entity       TEXT NOT NULL,
    op           TEXT NOT NULL,
    canonical_id TEXT NOT NULL,
    source_id    TEXT,
    payload      TEXT NOT NULL,
    before       TEXT,
    sighting     TEXT REFERENCES sightings (digest),
    begun_at     TEXT NOT NULL,
    absent_reads INTEGER NOT NULL DEFAULT 0,
    outcome      TEXT,
    ended_at     TEXT,
    error        TEXT,
    CHECK ((outcome IS NULL) = (ended_at IS NULL))
) STRICT;

-- Two open intents that look alike could not be told apart when one of them is found at the vendor.
CREATE UNIQUE INDEX open_intent ON intents (connection, entity, op, coalesce(source_id, ''), payload)
WHERE outcome IS NULL;
CREATE INDEX intents_of_change ON intents (plan_id, change_id);
CREATE INDEX intents_of_sighting ON intents (sighting) WHERE sighting IS NOT NULL;

-- Which tenant a connection was when it was first read.
CREATE TABLE fingerprints (
    connection TEXT PRIMARY KEY,
    value      TEXT NOT NULL,
    kept_at    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
