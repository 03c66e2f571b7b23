-- The departments, flat: the names of the first six levels, the parent's name, and the accounts that hold each.
WITH RECURSIVE lineage AS (
    SELECT department_id, [name] AS names
    FROM {org}.departments
    WHERE depth = 0
    UNION ALL
    SELECT child.department_id, list_append(lineage.names, child.name)
    FROM lineage
    JOIN {org}.departments AS child ON child.parent_id = lineage.department_id
    WHERE child.depth < 100
),
held AS (
    SELECT canonical_id AS department_id, string_agg(DISTINCT connection, ', ' ORDER BY connection) AS systems, count(DISTINCT connection) AS system_count
    FROM {org}.crosswalk
    WHERE entity = 'department' AND unlinked_at IS NULL
    GROUP BY canonical_id
)
SELECT
    department.department_id, department.name, department.path, department.depth, parent.name AS parent,
    lineage.names[1] AS level_1, lineage.names[2] AS level_2, lineage.names[3] AS level_3,
    lineage.names[4] AS level_4, lineage.names[5] AS level_5, lineage.names[6] AS level_6,
    department.active, department.member_count, held.systems, coalesce(held.system_count, 0) AS system_count
FROM {org}.departments AS department
LEFT JOIN lineage USING (department_id)
LEFT JOIN held USING (department_id)
LEFT JOIN {org}.departments AS parent ON parent.department_id = department.parent_id
