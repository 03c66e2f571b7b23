-- A department stands below one that is not in the model. What to do: move work.duckdb away, the next pull rebuilds it.
-- A parent whose own record is not here (its vendor dropped it before the working database was rebuilt) is no fault of ours.
SELECT child.canonical_id, child.name, child.parent_id
FROM golden.records AS child
ANTI JOIN (FROM golden.records WHERE entity = 'department') AS parent ON parent.canonical_id = child.parent_id
ANTI JOIN unmatched AS unseen ON unseen.entity = 'department' AND unseen.canonical_id = child.parent_id
WHERE child.entity = 'department' AND child.parent_id IS NOT NULL
