-- What the audits ask of again and again: the remote records here that no link knows (canonical_id is empty), and the
-- links whose remote record is not here (present is empty).
SELECT
    coalesce(link.entity, record.entity) AS entity,
    coalesce(link.connection, record.connection) AS connection,
    coalesce(link.source_id, record.source_id) AS source_id,
    link.canonical_id,
    record.present
FROM shadow.records AS record
FULL JOIN live.links AS link
    ON link.source_id = record.source_id AND link.connection = record.connection AND link.entity = record.entity
WHERE link.source_id IS NULL OR record.source_id IS NULL
