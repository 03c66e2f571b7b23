-- How many records of a kind an account holds, how many of them no other holds, and how many there are.
WITH there AS (
    SELECT 'department' AS entity, department_id AS canonical_id FROM org.departments WHERE active
    UNION ALL SELECT 'team', team_id FROM org.teams WHERE active
    UNION ALL SELECT 'task', task_id FROM org.tasks WHERE active
    UNION ALL SELECT 'person', person_id FROM org.people
),
held AS (
    SELECT DISTINCT entity, canonical_id, connection
    FROM org.crosswalk
    SEMI JOIN there USING (entity, canonical_id)
    ANTI JOIN (FROM org.linked_records WHERE NOT active) AS gone USING (entity, canonical_id, connection, source_id)
    WHERE unlinked_at IS NULL
),
counted AS (
    SELECT *, count(*) OVER (PARTITION BY entity, canonical_id) AS accounts FROM held
),
totals AS (
    SELECT entity, count(*) AS of_all FROM there GROUP BY entity
)
SELECT entity, of_all, connection, count(canonical_id) AS held, count(*) FILTER (accounts = 1) AS alone
FROM totals
LEFT JOIN counted USING (entity)
GROUP BY entity, of_all, connection
ORDER BY array_position(['department', 'team', 'task', 'person'], entity), connection
