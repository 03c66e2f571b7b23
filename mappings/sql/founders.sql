-- The unlinked present records of one connection, each with the id of the canonical record that it founds: the UUID of
-- version 5 over "entity:connection:source id", as canonical_id of mappings/match.py makes it (a test compares the two).
WITH digests AS (
    SELECT
        source_id,
        sha1(unhex('6f1b6f0e3c575d0e9f5e0b1f3f0a7c11') || encode($entity || ':' || $connection || ':' || source_id)) AS hex
    FROM shadow.records
    ANTI JOIN live.links USING (connection, entity, source_id)
    WHERE entity = $entity AND connection = $connection AND present
)
SELECT
    source_id,
    substr(hex, 1, 8) || '-' || substr(hex, 9, 4) || '-5' || substr(hex, 14, 3) || '-'
    || substr('89ab', 1 + (strpos('0123456789abcdef', substr(hex, 17, 1)) - 1) % 4, 1) || substr(hex, 18, 3)
    || '-' || substr(hex, 21, 12) AS canonical_id
FROM digests
ORDER BY source_id
