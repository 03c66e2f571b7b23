-- Which of these departments ($ids) would stand below themselves: what accounts say of them is a circle between them, though
-- each alone tells a tree.
WITH RECURSIVE records AS (
    SELECT canonical_id, parent_id FROM golden.records WHERE entity = 'department' AND parent_id IS NOT NULL
),
climb AS (
    SELECT canonical_id AS start, parent_id AS here FROM records WHERE canonical_id IN (SELECT unnest($ids))
    UNION
    SELECT climb.start, above.parent_id
    FROM climb
    JOIN records AS above ON above.canonical_id = climb.here
    WHERE climb.here <> climb.start
)
SELECT DISTINCT start FROM climb WHERE here = start
