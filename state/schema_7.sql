-- Version 7: what a migration was told or found waits with its plan; a base that our own write moved is told from one that was
-- agreed on. Who of one account's people is who at another, as a file said it.
CREATE TABLE successors (
    connection    TEXT NOT NULL, -- the source, and its person
    source_id     TEXT NOT NULL,
    to_connection TEXT NOT NULL, -- the target, and its person
    to_source_id  TEXT NOT NULL,
    canonical_id  TEXT,          -- who that is; NULL while no record mentions either of them
    evidence      TEXT NOT NULL,
    plan_id       TEXT NOT NULL, -- the plan that was shown with it; empty once somebody consented
    at            TEXT NOT NULL,
    PRIMARY KEY (connection, source_id, to_connection, plan_id)
) STRICT;

-- What a migration found at its target (see ``became``), with the plan that was shown with it.
CREATE TABLE becoming (
    plan_id      TEXT NOT NULL,
    connection   TEXT NOT NULL,
    entity       TEXT NOT NULL,
    source_id    TEXT NOT NULL,
    from_entity  TEXT NOT NULL,
    canonical_id TEXT NOT NULL,
    PRIMARY KEY (plan_id, connection, entity, canonical_id)
) STRICT;

-- 1: our own write moved it, and nobody saw all agree since; 2: and what it wrote was that connection's own word, which nobody
-- else had followed yet, only under another path.
ALTER TABLE bases ADD COLUMN written INTEGER NOT NULL DEFAULT 0;
