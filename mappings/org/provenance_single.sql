-- The records that stand alone: whose they are, and since which run each of their fields is so.
SELECT entity, canonical_id, told_by AS connection, source_id, seen
FROM golden.records
WHERE source_id IS NOT NULL
