-- A department stands below itself, by a parent that no account tells. What to do: move work.duckdb away, the next pull
-- rebuilds it.
-- Accounts may tell a circle, alone or between them (A below B here, B below A there): that is theirs, and no row here.
-- Whoever stands in a circle has no depth: the audit of paths fires where that is not so.
WITH RECURSIVE astray AS (
    SELECT department_id AS canonical_id FROM placed WHERE depth IS NULL
),
told AS (
    SELECT own.canonical_id, parent.canonical_id AS parent_id
    FROM (FROM live.links WHERE entity = 'department' AND canonical_id IN (FROM astray)) AS own
    JOIN shadow.records AS record USING (connection, entity, source_id)
    JOIN live.links AS parent
        ON parent.connection = record.connection AND parent.entity = record.entity
        AND parent.source_id = record.parent_source_id
),
untold AS (
    SELECT own.canonical_id, own.parent_id
    FROM golden.records AS own
    SEMI JOIN astray USING (canonical_id)
    ANTI JOIN told USING (canonical_id, parent_id)
    WHERE own.entity = 'department' AND own.parent_id IS NOT NULL
),
climb AS (
    SELECT canonical_id AS start, parent_id AS here FROM untold
    UNION
    SELECT climb.start, above.parent_id
    FROM climb
    JOIN golden.records AS above ON above.entity = 'department' AND above.canonical_id = climb.here
    WHERE climb.here <> climb.start AND above.parent_id IS NOT NULL
)
SELECT own.canonical_id, own.name, own.parent_id
FROM climb
JOIN golden.records AS own ON own.entity = 'department' AND own.canonical_id = climb.start
WHERE climb.here = climb.start
