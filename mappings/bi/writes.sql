-- Every write and what became of it, by day, with the record's name before and after.
SELECT
    change."at", change."at"::DATE AS day, run.command, change.connection, change.entity, change.op, change.status,
    coalesce(change.before->>'name', change.before->>'title') AS name_before,
    coalesce(change.after->>'name', change.after->>'title') AS name_after,
    change.rule, coalesce(change.error, change.reason) AS why, change.canonical_id, change.run_id
FROM {ops}.changes AS change
LEFT JOIN {ops}.runs AS run USING (run_id)
