-- A task is assigned to, or about, somebody who is no person of the model. What to do: move work.duckdb away, the next
-- pull rebuilds it.
-- A person whose own record is not here yet (the working database was rebuilt) is no fault.
WITH referred AS (
    SELECT assignee_id AS person_id FROM golden.records WHERE entity = 'task'
    UNION
    SELECT subject_id FROM golden.records WHERE entity = 'task'
),
nobody AS (
    SELECT person_id
    FROM referred
    ANTI JOIN (FROM golden.records WHERE entity = 'person') AS person ON person.canonical_id = referred.person_id
    ANTI JOIN unmatched AS unseen ON unseen.entity = 'person' AND unseen.canonical_id = referred.person_id
    WHERE person_id IS NOT NULL
)
SELECT task.canonical_id, task.title, 'assignee_id' AS field, task.assignee_id AS person_id
FROM golden.records AS task SEMI JOIN nobody ON nobody.person_id = task.assignee_id WHERE task.entity = 'task'
UNION ALL
SELECT task.canonical_id, task.title, 'subject_id', task.subject_id
FROM golden.records AS task SEMI JOIN nobody ON nobody.person_id = task.subject_id WHERE task.entity = 'task'
