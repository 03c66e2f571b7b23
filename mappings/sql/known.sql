-- What matching must know of each canonical record of one entity: its names from the root, its parent, whether a tree
-- placed it, and the connections that it is linked in.
WITH RECURSIVE records AS (
    SELECT canonical_id, coalesce(name, title, full_name, '') AS name, parent_id
    FROM golden.records WHERE entity = $entity
),
tree AS (
    SELECT canonical_id, [name] AS path FROM records
    WHERE parent_id IS NULL OR parent_id NOT IN (SELECT canonical_id FROM records)
    UNION ALL
    SELECT child.canonical_id, list_append(tree.path[-99:], child.name) -- DEEPEST of mappings/naming.py, less one
    FROM records AS child
    JOIN tree ON child.parent_id = tree.canonical_id
)
SELECT
    records.canonical_id,
    coalesce(any_value(tree.path), [any_value(records.name)]) AS path,
    any_value(records.parent_id) AS parent_id,
    EXISTS (
        FROM golden.fields AS fields
        WHERE fields.entity = $entity AND fields.canonical_id = records.canonical_id AND fields.field = 'parent_id'
    ) AS placed,
    list(links.connection) FILTER (links.connection IS NOT NULL) AS linked_in
FROM records
LEFT JOIN tree USING (canonical_id)
LEFT JOIN live.links AS links ON links.entity = $entity AND links.canonical_id = records.canonical_id
GROUP BY records.canonical_id
