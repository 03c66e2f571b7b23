-- What the newest plan could not do, or leaves to a person; the plan of the newest run that made one (an undo's tells nothing
-- of what the next sync would do). What waits for a person comes first; what somebody decided on since waits for the next plan.
WITH planning AS (
    SELECT run_id FROM ops.runs WHERE (summary->'plan') IS NOT NULL AND command <> 'undo' ORDER BY started_at DESC LIMIT 1
)
SELECT
    change.connection, change.entity, change.op, change.status, change.canonical_id,
    coalesce(department.path, team.name, task.title, change.after->>'name', change.after->>'title') AS name,
    change.before, change.after, change.rule, change.reason, change."at",
    -- a proposal or a conflict asks about the others already
    change.status = 'held' AND change.rule NOT IN ('ambiguous_match', 'conflict') AS waits,
    count(*) OVER () AS of_all,
    count(*) FILTER (change.status = 'refused') OVER () AS of_refused,
    count(*) FILTER (waits) OVER () AS of_waiting
FROM ops.changes AS change
SEMI JOIN planning USING (run_id)
LEFT JOIN org.departments AS department ON department.department_id = change.canonical_id
LEFT JOIN org.teams AS team ON team.team_id = change.canonical_id
LEFT JOIN org.tasks AS task ON task.task_id = change.canonical_id
WHERE change.status IN ('refused', 'held')
    AND NOT EXISTS (
        SELECT 1 FROM ops.proposals AS decided
        WHERE decided.decided_at > change."at" AND decided.entity = change.entity
            AND decided.connection = change.connection AND decided.canonical_id = change.canonical_id
    )
    AND NOT EXISTS (
        SELECT 1 FROM ops.conflicts AS decided
        WHERE decided.decided_at > change."at" AND decided.canonical_id = change.canonical_id
    )
ORDER BY change.status = 'refused', change.connection, change.entity, change.rule, name, change.change_id
LIMIT 5000
