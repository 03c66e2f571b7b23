-- Our writes to departments in the thirty days before the newest run, newest first.
SELECT canonical_id AS id, connection, op, status, "at"
FROM ops.changes
WHERE entity = 'department'
    AND status IN ('done', 'adopted', 'failed', 'stale', 'unknown')
    AND "at" >= (SELECT max(started_at) FROM ops.runs) - INTERVAL 30 DAY
ORDER BY "at" DESC, id, connection, change_id
LIMIT 20000
