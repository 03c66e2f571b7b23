-- The working database: everything in it can be read or computed again.
CREATE SCHEMA IF NOT EXISTS shadow;
CREATE SCHEMA IF NOT EXISTS live;
CREATE SCHEMA IF NOT EXISTS golden;
CREATE SCHEMA IF NOT EXISTS history;

CREATE TABLE IF NOT EXISTS shadow.records (
    connection VARCHAR NOT NULL, entity VARCHAR NOT NULL, source_id VARCHAR NOT NULL,
    name VARCHAR, title VARCHAR, description VARCHAR, parent_source_id VARCHAR,
    notes VARCHAR, completed BOOLEAN, due_at TIMESTAMPTZ, assignee_source_id VARCHAR, subject_source_id VARCHAR,
    full_name VARCHAR, email VARCHAR, kind VARCHAR,
    active BOOLEAN, member_count BIGINT, members STRUCT(person VARCHAR, role VARCHAR)[],
    created_at TIMESTAMPTZ, updated_at TIMESTAMPTZ,
    fingerprint UBIGINT, present BOOLEAN
);
-- the reads of each resource whose records stand: a full one, and those of changes since
CREATE TABLE IF NOT EXISTS live.believed (connection VARCHAR NOT NULL, resource VARCHAR NOT NULL, read_id VARCHAR NOT NULL, seq BIGINT NOT NULL);
-- what the next read of a resource may build on: the last full one, the vendor's time up to which all changes are here,
-- and the shape that its records were kept in; bases: the version of the bases when it was last read whole
CREATE TABLE IF NOT EXISTS live.standing (
    connection VARCHAR NOT NULL, resource VARCHAR NOT NULL, full_at TIMESTAMPTZ NOT NULL, watermark TIMESTAMPTZ,
    shape VARCHAR NOT NULL, entity VARCHAR NOT NULL, bases BIGINT NOT NULL
);
-- what was made of which state (state/marks.py)
CREATE TABLE IF NOT EXISTS live.marks (name VARCHAR NOT NULL, value VARCHAR NOT NULL);
-- the safety record's links, copied in when they changed
CREATE TABLE IF NOT EXISTS live.crosswalk (
    entity VARCHAR NOT NULL, canonical_id VARCHAR NOT NULL, connection VARCHAR NOT NULL, source_id VARCHAR NOT NULL,
    method VARCHAR NOT NULL, confidence DOUBLE NOT NULL, linked_at TIMESTAMPTZ NOT NULL, unlinked_at TIMESTAMPTZ
);
CREATE OR REPLACE VIEW live.links AS
SELECT connection, entity, source_id, canonical_id FROM live.crosswalk WHERE unlinked_at IS NULL;
-- who has a vote on which field, first first; authority: its values propagate
CREATE TABLE IF NOT EXISTS live.voters (
    connection VARCHAR NOT NULL, entity VARCHAR NOT NULL, field VARCHAR NOT NULL, rank INTEGER NOT NULL, authority BOOLEAN NOT NULL,
    on_conflict VARCHAR NOT NULL
);
-- the safety record's bases, copied in when they moved: what a connection last agreed on, as it said it (source ids), as text;
-- seq: the later it moved, the greater; written: as schema_7.sql tells
CREATE TABLE IF NOT EXISTS live.bases (
    connection VARCHAR NOT NULL, entity VARCHAR NOT NULL, source_id VARCHAR NOT NULL, field VARCHAR NOT NULL, value VARCHAR,
    seq BIGINT NOT NULL, written INTEGER NOT NULL
);
-- values that people gave, as text
CREATE TABLE IF NOT EXISTS live.pins (
    entity VARCHAR NOT NULL, canonical_id VARCHAR NOT NULL, field VARCHAR NOT NULL, value VARCHAR, hold VARCHAR NOT NULL
);
-- records that have a temporary name of ours (mappings/parking.py), and what they were called before
CREATE TABLE IF NOT EXISTS live.parked (
    connection VARCHAR NOT NULL, entity VARCHAR NOT NULL, source_id VARCHAR NOT NULL, name VARCHAR NOT NULL, former VARCHAR NOT NULL
);
-- what flat systems call departments where that may hold a path, read as the name in the tree: the name, what is left of it,
-- and a hash of all that it was read from
CREATE TABLE IF NOT EXISTS live.leaves (
    connection VARCHAR NOT NULL, source_id VARCHAR NOT NULL, name VARCHAR NOT NULL, leaf VARCHAR NOT NULL, inputs UBIGINT NOT NULL
);
-- how a flat system calls each department
CREATE TABLE IF NOT EXISTS live.flat_names (canonical_id VARCHAR NOT NULL, name VARCHAR NOT NULL);
-- the names of departments as they are compared (fold of mappings/naming.py), each folded once
CREATE TABLE IF NOT EXISTS live.folds (name VARCHAR NOT NULL, folded VARCHAR NOT NULL);
-- canonical records that were merged since bases were last moved
CREATE TABLE IF NOT EXISTS live.unagreed (entity VARCHAR NOT NULL, canonical_id VARCHAR NOT NULL);
-- canonical records whose golden row is out of date
CREATE TABLE IF NOT EXISTS live.dirty (entity VARCHAR NOT NULL, canonical_id VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS live.disputes (
    connection VARCHAR NOT NULL, entity VARCHAR NOT NULL, source_id VARCHAR NOT NULL, candidates VARCHAR[] NOT NULL, reason VARCHAR NOT NULL,
    question VARCHAR NOT NULL, score DOUBLE, runner_up DOUBLE, evidence MAP(VARCHAR, DOUBLE)
);

-- the fields of records that do not stand alone, each with whose value it is
CREATE TABLE IF NOT EXISTS golden.fields (
    entity VARCHAR NOT NULL, canonical_id VARCHAR NOT NULL, field VARCHAR NOT NULL, value VARCHAR,
    connection VARCHAR NOT NULL, source_id VARCHAR NOT NULL, rule VARCHAR NOT NULL, run_id VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS golden.records (
    entity VARCHAR NOT NULL, canonical_id VARCHAR NOT NULL,
    name VARCHAR, title VARCHAR, description VARCHAR, parent_id VARCHAR,
    notes VARCHAR, completed BOOLEAN, due_at TIMESTAMPTZ, assignee_id VARCHAR, subject_id VARCHAR,
    full_name VARCHAR, email VARCHAR, kind VARCHAR,
    active BOOLEAN, member_count BIGINT, created_at TIMESTAMPTZ, updated_at TIMESTAMPTZ,
    told_by VARCHAR, -- the connection that the name or title survives from
    source_id VARCHAR, seen INTEGER[] -- of one that stands alone: its record there, and since which run each field is so
);
-- the runs that saw a value first, numbered
CREATE TABLE IF NOT EXISTS golden.runs (number INTEGER NOT NULL, run_id VARCHAR NOT NULL);
-- fields on which authorities disagree until a person decides; "values": connection → value
CREATE TABLE IF NOT EXISTS golden.conflicts (
    entity VARCHAR NOT NULL, canonical_id VARCHAR NOT NULL, field VARCHAR NOT NULL, "values" MAP(VARCHAR, VARCHAR)
);

-- since when each question that waits for a person is open: not to be read again, so it stands with the history
CREATE TABLE IF NOT EXISTS history.asked (id VARCHAR NOT NULL, since TIMESTAMPTZ NOT NULL);
