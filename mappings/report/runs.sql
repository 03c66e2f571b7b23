-- The last runs, newest first, with what they did in numbers.
SELECT
    run_id, command, started_at, finished_at, exit_code,
    list_sum(map_values(coalesce((summary->'calls')::JSON::MAP(VARCHAR, BIGINT), MAP {})))::BIGINT AS calls,
    coalesce((summary->>'$.apply.done')::BIGINT, 0) AS done,
    coalesce((summary->>'$.apply.failed')::BIGINT, 0) + coalesce((summary->>'$.apply.stale')::BIGINT, 0)
    + coalesce((summary->>'$.apply.unknown')::BIGINT, 0) AS failed,
    coalesce((summary->>'$.plan.refused')::BIGINT, 0) AS refused,
    coalesce((summary->>'$.plan.held')::BIGINT, 0) AS held,
    summary
FROM ops.runs
ORDER BY started_at DESC
LIMIT 90
