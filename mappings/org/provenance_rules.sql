-- Which fields each account has a vote on, the rule by which those of a record that stands alone survive, and the place of
-- each in ``seen`` (sql/golden.sql).
SELECT
    connection,
    entity,
    field,
    list_position(CASE entity
        WHEN 'department' THEN ['name', 'description', 'parent_id']
        WHEN 'team' THEN ['name', 'description']
        WHEN 'task' THEN ['title', 'notes', 'completed', 'due_at', 'assignee_id', 'subject_id']
        ELSE ['full_name', 'email', 'kind']
    END, field) AS place,
    CASE WHEN authority THEN 'authority ' || rank ELSE 'no authority knows it' END AS rule
FROM live.voters
