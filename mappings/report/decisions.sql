-- What people decided last, newest first.
SELECT decision, entity, name, connection, source_id, NULL AS field, NULL AS value, decided_by, decided_at, note
FROM ops.proposals
WHERE decision IS NOT NULL
UNION ALL
SELECT decision, entity, name, taken, NULL, field, value, decided_by, decided_at, note
FROM ops.conflicts
WHERE decision IS NOT NULL
ORDER BY decided_at DESC
LIMIT 30
