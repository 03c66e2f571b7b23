-- What two audits ask of: the canonical records that no link leads to (connection is empty), and the links that lead to
-- no canonical record. Found by hashes first, which is twice as fast.
WITH strays AS MATERIALIZED (
    SELECT coalesce(record.digest, link.digest) AS digest
    FROM (SELECT hash(entity, canonical_id) AS digest FROM golden.records) AS record
    FULL JOIN (SELECT hash(entity, canonical_id) AS digest FROM live.links) AS link USING (digest)
    WHERE record.digest IS NULL OR link.digest IS NULL
)
SELECT
    coalesce(link.entity, record.entity) AS entity,
    coalesce(link.canonical_id, record.canonical_id) AS canonical_id,
    link.connection,
    link.source_id,
    coalesce(record.name, record.title, record.full_name) AS name
FROM (FROM golden.records WHERE hash(entity, canonical_id) IN (FROM strays)) AS record
FULL JOIN (FROM live.links WHERE hash(entity, canonical_id) IN (FROM strays)) AS link
    ON link.canonical_id = record.canonical_id AND link.entity = record.entity
WHERE link.canonical_id IS NULL OR record.canonical_id IS NULL
