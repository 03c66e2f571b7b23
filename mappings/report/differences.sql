-- Fields of which a linked account says something else than what survived, with whose value that is and why.
WITH said AS (
    SELECT
        entity, canonical_id, connection, source_id, fields,
        unnest(['name', 'title', 'description', 'parent_id', 'notes', 'completed', 'due_at', 'assignee_id', 'subject_id', 'full_name', 'email', 'kind']) AS field,
        unnest([name, title, description, parent_id, notes, completed::VARCHAR, due_at::VARCHAR, assignee_id, subject_id, full_name, email, kind]) AS value
    FROM org.linked_records
    WHERE active
),
model AS (
    SELECT
        'department' AS entity, department_id AS canonical_id, path AS record,
        unnest(['name', 'description', 'parent_id']) AS field, unnest([name, description, parent_id]) AS value
    FROM org.departments
    UNION ALL
    SELECT 'team', team_id, name, unnest(['name', 'description']), unnest([name, description]) FROM org.teams
    UNION ALL
    SELECT
        'task', task_id, title,
        unnest(['title', 'notes', 'completed', 'due_at', 'assignee_id', 'subject_id']),
        unnest([title, notes, completed::VARCHAR, due_at::VARCHAR, assignee_id, subject_id])
    FROM org.tasks
    UNION ALL
    SELECT 'person', person_id, full_name, unnest(['full_name', 'email', 'kind']), unnest([full_name, email, kind]) FROM org.people
),
called AS (
    SELECT department_id AS id, path AS name FROM org.departments UNION ALL SELECT person_id, full_name FROM org.people
),
different AS (
    SELECT said.* EXCLUDE (fields), model.record, model.value AS survived
    FROM said
    JOIN model USING (entity, canonical_id, field)
    WHERE list_contains(said.fields, field) AND said.value IS DISTINCT FROM model.value
)
SELECT
    different.entity,
    different.canonical_id,
    different.record,
    different.field,
    coalesce(theirs.name, different.value) AS value,
    coalesce(ours.name, different.survived) AS survived,
    different.connection,
    different.source_id,
    whence.connection AS survived_from,
    whence.rule,
    count(*) OVER () AS of_all
FROM different
LEFT JOIN org.provenance AS whence USING (entity, canonical_id, field)
LEFT JOIN called AS theirs ON theirs.id = different.value AND field IN ('parent_id', 'assignee_id', 'subject_id')
LEFT JOIN called AS ours ON ours.id = different.survived AND field IN ('parent_id', 'assignee_id', 'subject_id')
ORDER BY different.entity, different.record, different.canonical_id, different.field, different.connection
LIMIT 2000
