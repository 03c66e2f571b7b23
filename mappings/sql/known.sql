-- What matching must know of each canonical record of one entity: its names from the root, its parent, whether a tree
-- placed it, the connections that it is linked in, and those of them where its record is gone.
WITH RECURSIVE records AS (
    SELECT canonical_id, coalesce(name, title, full_name, '') AS name, parent_id, source_id, told_by
    FROM golden.records WHERE entity = $entity
),
trees AS (
    SELECT connection FROM live.voters WHERE entity = $entity AND field = 'parent_id'
),
placed AS (
    SELECT canonical_id FROM records WHERE source_id IS NOT NULL AND told_by IN (FROM trees)
    UNION ALL
    SELECT canonical_id FROM golden.fields WHERE entity = $entity AND field = 'parent_id'
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
    records.canonical_id IN (FROM placed) AS placed,
    coalesce(list(links.connection ORDER BY links.connection) FILTER (links.connection IS NOT NULL), []) AS linked_in,
    coalesce(list(links.connection ORDER BY links.connection) FILTER (NOT remote.present), []) AS gone_in
FROM records
LEFT JOIN tree USING (canonical_id)
LEFT JOIN live.links AS links ON links.entity = $entity AND links.canonical_id = records.canonical_id
LEFT JOIN shadow.records AS remote
    ON remote.connection = links.connection AND remote.entity = $entity AND remote.source_id = links.source_id
GROUP BY records.canonical_id
