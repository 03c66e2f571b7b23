-- Writes that have no outcome yet, in the order in which they were begun. ``over_at``: when their run was over; of one that
-- was killed, when the next one began.
SELECT
    seq, absent_reads, run_id, plan_id, change_id, connection, entity, op, canonical_id, source_id, payload, before,
    (SELECT ids FROM sightings WHERE digest = sighting),
    begun_at,
    (
        SELECT coalesce(one.finished_at, (SELECT min(next.started_at) FROM runs AS next WHERE next.seq > one.seq))
        FROM runs AS one
        WHERE one.run_id = intents.run_id
    ) AS over_at
FROM intents
WHERE outcome IS NULL
ORDER BY seq
