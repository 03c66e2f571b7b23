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
-- the newest read of each resource that may be believed
CREATE TABLE IF NOT EXISTS live.accepted (
    connection VARCHAR NOT NULL, resource VARCHAR NOT NULL, read_id VARCHAR NOT NULL, accepted_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (connection, resource)
);
-- the safety record's live links, copied in at the start of a run
CREATE TABLE IF NOT EXISTS live.links (
    connection VARCHAR NOT NULL, entity VARCHAR NOT NULL, source_id VARCHAR NOT NULL, canonical_id VARCHAR NOT NULL
);
-- who has a vote on which field, first first; authority: its values propagate
CREATE TABLE IF NOT EXISTS live.voters (
    connection VARCHAR NOT NULL, entity VARCHAR NOT NULL, field VARCHAR NOT NULL, rank INTEGER NOT NULL, authority BOOLEAN NOT NULL
);
-- canonical records whose golden row is out of date
CREATE TABLE IF NOT EXISTS live.dirty (entity VARCHAR NOT NULL, canonical_id VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS live.disputes (
    connection VARCHAR NOT NULL, entity VARCHAR NOT NULL, source_id VARCHAR NOT NULL, candidates VARCHAR[] NOT NULL, reason VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS golden.fields (
    entity VARCHAR NOT NULL, canonical_id VARCHAR NOT NULL, field VARCHAR NOT NULL, value VARCHAR,
    connection VARCHAR NOT NULL, source_id VARCHAR NOT NULL, rule VARCHAR NOT NULL, run_id VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS golden.records (
    entity VARCHAR NOT NULL, canonical_id VARCHAR NOT NULL,
    name VARCHAR, title VARCHAR, description VARCHAR, parent_id VARCHAR,
    notes VARCHAR, completed BOOLEAN, due_at TIMESTAMPTZ, assignee_id VARCHAR, subject_id VARCHAR,
    full_name VARCHAR, email VARCHAR, kind VARCHAR,
    active BOOLEAN, member_count BIGINT, created_at TIMESTAMPTZ, updated_at TIMESTAMPTZ
);
