-- The tasks.
SELECT
    canonical_id AS task_id, title, notes, completed, due_at, assignee_id, subject_id, active, created_at, updated_at
FROM golden.records
WHERE entity = 'task'
