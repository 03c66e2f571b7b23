-- The living departments that a flat system cannot tell apart by their names alone, or whose name looks like a path.
WITH named AS (
    SELECT record.canonical_id, folds.folded
    FROM golden.records AS record
    JOIN live.folds AS folds ON folds.name = coalesce(record.name, '')
    WHERE record.entity = 'department' AND record.active
)
SELECT canonical_id
FROM named
WHERE contains(folded, ' / ') OR folded IN (SELECT folded FROM named GROUP BY folded HAVING count(*) > 1)
