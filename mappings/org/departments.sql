-- The departments, with their place in the tree. A root's depth is 0; a record of a cycle has no depth, and itself as path.
WITH RECURSIVE departments AS (
    SELECT * FROM golden.records WHERE entity = 'department'
),
tree AS (
    SELECT canonical_id, coalesce(name, '') AS path, 0 AS depth
    FROM departments
    WHERE parent_id IS NULL OR parent_id NOT IN (SELECT canonical_id FROM departments)
    UNION ALL
    SELECT child.canonical_id, tree.path || ' / ' || coalesce(child.name, ''), tree.depth + 1
    FROM departments AS child
    JOIN tree ON child.parent_id = tree.canonical_id
)
SELECT
    canonical_id AS department_id,
    name,
    description,
    parent_id,
    coalesce(tree.path, name) AS path,
    tree.depth,
    active,
    member_count,
    created_at,
    updated_at
FROM departments
LEFT JOIN tree USING (canonical_id)
