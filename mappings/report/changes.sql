-- What the newest run wrote, tried to write, or planned.
SELECT
    change.connection, change.entity, change.op, change.status, change.canonical_id,
    coalesce(department.path, team.name, task.title, change.after->>'name', change.after->>'title') AS name,
    change.before, change.after, change.rule, change.reason, change.error, change."at",
    count(*) OVER () AS of_all
FROM ops.changes AS change
LEFT JOIN org.departments AS department ON department.department_id = change.canonical_id
LEFT JOIN org.teams AS team ON team.team_id = change.canonical_id
LEFT JOIN org.tasks AS task ON task.task_id = change.canonical_id
WHERE change.run_id = (SELECT run_id FROM ops.runs ORDER BY started_at DESC LIMIT 1)
    AND change.status NOT IN ('refused', 'held')
ORDER BY change.status IN ('done', 'adopted'), change."at", change.connection, change.change_id
LIMIT 2000
