-- A department stands below itself, by a parent that no account tells. What to do: move work.duckdb away, the next pull
-- rebuilds it.
-- Accounts may tell a circle, alone or between them (A below B here, B below A there): that is theirs, and no row here.
WITH RECURSIVE untold AS (
    SELECT own.canonical_id, own.parent_id
    FROM golden.records AS own
    WHERE own.entity = 'department' AND own.parent_id IS NOT NULL
        AND NOT EXISTS (
            FROM live.linked AS told
            WHERE told.entity = 'department' AND told.canonical_id = own.canonical_id AND told.parent_id = own.parent_id
        )
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
