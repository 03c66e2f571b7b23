-- The departments, with their place in the tree. A root's depth is 0. A record of a cycle has no depth, and itself as path.
-- A path tells its last 100 names (DEEPEST of mappings/naming.py): a chain of 20,000 would fill gigabytes otherwise.
WITH RECURSIVE departments AS (
    SELECT * FROM golden.records WHERE entity = 'department'
),
tree AS (
    SELECT canonical_id, [coalesce(name, '')] AS path, 0 AS depth
    FROM departments
    WHERE parent_id IS NULL OR parent_id NOT IN (SELECT canonical_id FROM departments)
    UNION ALL
    SELECT child.canonical_id, list_append(tree.path[-99:], coalesce(child.name, '')), tree.depth + 1
    FROM departments AS child
    JOIN tree ON child.parent_id = tree.canonical_id
)
SELECT
    canonical_id AS department_id,
    name,
    description,
    parent_id,
    coalesce(array_to_string(tree.path, ' / '), name) AS path,
    tree.depth,
    active,
    member_count,
    created_at,
    updated_at
FROM departments
LEFT JOIN tree USING (canonical_id)
