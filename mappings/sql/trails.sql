-- The names from the root to each of some departments ($ids), itself last; of a deep one, or one of a circle, the last 100.
WITH RECURSIVE records AS (
    SELECT canonical_id, coalesce(name, '') AS name, parent_id FROM golden.records WHERE entity = 'department'
),
climb AS (
    SELECT canonical_id AS start, parent_id, [name] AS path FROM records WHERE canonical_id IN (SELECT unnest($ids))
    UNION ALL
    SELECT climb.start, above.parent_id, list_prepend(above.name, climb.path)
    FROM climb
    JOIN records AS above ON above.canonical_id = climb.parent_id
    WHERE len(climb.path) < 100 -- DEEPEST of mappings/naming.py
)
SELECT start, arg_max(path, len(path)) FROM climb GROUP BY start
