-- The names from the root to each department, itself last. What a circle keeps from being reached, and what is deeper than
-- $deepest (DEEPEST of mappings/naming.py), is left out.
WITH RECURSIVE records AS (
    SELECT canonical_id, coalesce(name, '') AS name, parent_id FROM golden.records WHERE entity = 'department'
),
tree AS (
    SELECT canonical_id, [name] AS path
    FROM records
    WHERE parent_id IS NULL OR parent_id NOT IN (SELECT canonical_id FROM records)
    UNION ALL
    SELECT child.canonical_id, list_append(tree.path, child.name)
    FROM records AS child
    JOIN tree ON child.parent_id = tree.canonical_id
    WHERE len(tree.path) < $deepest
)
SELECT canonical_id, path FROM tree
