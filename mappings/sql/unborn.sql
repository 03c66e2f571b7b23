-- What two audits ask of: the canonical records that no link leads to (connection is empty), and the links that lead to
-- no canonical record.
SELECT
    coalesce(link.entity, record.entity) AS entity,
    coalesce(link.canonical_id, record.canonical_id) AS canonical_id,
    link.connection,
    link.source_id,
    coalesce(record.name, record.title, record.full_name) AS name
FROM golden.records AS record
FULL JOIN live.links AS link ON link.canonical_id = record.canonical_id AND link.entity = record.entity
WHERE link.canonical_id IS NULL OR record.canonical_id IS NULL
