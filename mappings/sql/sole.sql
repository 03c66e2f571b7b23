-- The fields of the records that stand alone, one row each: of these {records} (a table of our own).
SELECT
    entity,
    canonical_id,
    field,
    value,
    connection,
    source_id,
    CASE WHEN voter.authority THEN 'authority ' || voter.rank ELSE 'no authority knows it' END AS rule,
    runs.run_id
FROM (
    SELECT
        entity, canonical_id, told_by AS connection, source_id,
        unnest(CASE entity
            WHEN 'department' THEN [
                {'field': 'name', 'value': name, 'run': seen[1]},
                {'field': 'description', 'value': description, 'run': seen[2]},
                {'field': 'parent_id', 'value': parent_id, 'run': seen[3]}
            ]
            WHEN 'team' THEN [
                {'field': 'name', 'value': name, 'run': seen[1]},
                {'field': 'description', 'value': description, 'run': seen[2]}
            ]
            WHEN 'task' THEN [
                {'field': 'title', 'value': title, 'run': seen[1]},
                {'field': 'notes', 'value': notes, 'run': seen[2]},
                {'field': 'completed', 'value': completed::VARCHAR, 'run': seen[3]},
                {'field': 'due_at', 'value': due_at::VARCHAR, 'run': seen[4]},
                {'field': 'assignee_id', 'value': assignee_id, 'run': seen[5]},
                {'field': 'subject_id', 'value': subject_id, 'run': seen[6]}
            ]
            ELSE [
                {'field': 'full_name', 'value': full_name, 'run': seen[1]},
                {'field': 'email', 'value': email, 'run': seen[2]},
                {'field': 'kind', 'value': kind, 'run': seen[3]}
            ]
        END, recursive := true)
    FROM {records}
    WHERE source_id IS NOT NULL
)
JOIN live.voters AS voter USING (connection, entity, field)
JOIN golden.runs AS runs ON runs.number = run
