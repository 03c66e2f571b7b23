-- The runs in numbers.
SELECT
    run_id, command, started_at, finished_at, exit_code,
    date_diff('millisecond', started_at, finished_at) / 1000 AS seconds,
    coalesce((summary->>'$.apply.done')::INTEGER, 0) AS written,
    coalesce((summary->>'$.apply.failed')::INTEGER, 0) + coalesce((summary->>'$.apply.stale')::INTEGER, 0)
    + coalesce((summary->>'$.apply.unknown')::INTEGER, 0) AS not_done,
    coalesce((summary->>'$.plan.refused')::INTEGER, 0) AS refused,
    coalesce((summary->>'$.plan.held')::INTEGER, 0) AS held
FROM {ops}.runs
