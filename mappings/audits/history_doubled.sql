-- Two states of one record are both told to hold now. What to do: report it, with these rows; the published history tells
-- which of the two is older.
-- Looked at once the run's history is written. Each present record has one open state, and ``history_differs`` fires where
-- one has none; so only where there are more are they looked through, by hashes first.
WITH open AS (
    SELECT 'department' AS entity, department_id AS canonical_id, valid_from FROM history.departments WHERE valid_to IS NULL
    UNION ALL
    SELECT 'team', team_id, valid_from FROM history.teams WHERE valid_to IS NULL
    UNION ALL
    SELECT 'task', task_id, valid_from FROM history.tasks WHERE valid_to IS NULL
),
suspects AS (
    SELECT hash(entity, canonical_id) AS digest
    FROM open
    WHERE (SELECT count(*) FROM open) > (SELECT count(*) FROM golden.records WHERE entity IN ('department', 'team', 'task'))
    GROUP BY digest
    HAVING count(*) > 1
)
SELECT entity, canonical_id, list_sort(list(valid_from)) AS since
FROM open
WHERE hash(entity, canonical_id) IN (FROM suspects)
GROUP BY entity, canonical_id
HAVING count(*) > 1
