-- The golden rows of the records that are out of date and stand alone, from what their accounts tell (linked.sql). The row
-- itself says whose it is (``source_id``), and since which run each of its fields is so (``seen``).
WITH heard AS (
    SELECT
        connection, entity,
        bool_or(field = 'name') AS name,
        bool_or(field = 'title') AS title,
        bool_or(field = 'description') AS description,
        bool_or(field = 'parent_id') AS parent_id,
        bool_or(field = 'notes') AS notes,
        bool_or(field = 'completed') AS completed,
        bool_or(field = 'due_at') AS due_at,
        bool_or(field = 'assignee_id') AS assignee_id,
        bool_or(field = 'subject_id') AS subject_id,
        bool_or(field = 'full_name') AS full_name,
        bool_or(field = 'email') AS email,
        bool_or(field = 'kind') AS kind
    FROM live.voters
    GROUP BY ALL
),
linked AS (
    {linked}
),
own AS (
    SELECT
        linked.* REPLACE (
            CASE WHEN heard.name THEN coalesce(reading.leaf, parked.former, linked.name) END AS name,
            CASE WHEN heard.title THEN linked.title END AS title,
            CASE WHEN heard.description THEN linked.description END AS description,
            CASE WHEN heard.parent_id THEN linked.parent_id END AS parent_id,
            CASE WHEN heard.notes THEN linked.notes END AS notes,
            CASE WHEN heard.completed THEN linked.completed END AS completed,
            CASE WHEN heard.due_at THEN linked.due_at END AS due_at,
            CASE WHEN heard.assignee_id THEN linked.assignee_id END AS assignee_id,
            CASE WHEN heard.subject_id THEN linked.subject_id END AS subject_id,
            CASE WHEN heard.full_name THEN linked.full_name END AS full_name,
            CASE WHEN heard.email THEN linked.email END AS email,
            CASE WHEN heard.kind THEN linked.kind END AS kind
        )
    FROM linked
    JOIN heard USING (connection, entity)
    LEFT JOIN live.parked AS parked
        ON parked.connection = linked.connection AND parked.entity = linked.entity AND parked.source_id = linked.source_id
        AND parked.name = linked.name
    LEFT JOIN live.leaves AS reading
        ON reading.connection = linked.connection AND reading.source_id = linked.source_id AND linked.entity = 'department'
        AND reading.name = coalesce(parked.former, linked.name)
)
SELECT
    entity, canonical_id,
    own.name, own.title, own.description, own.parent_id, own.notes, own.completed, own.due_at, own.assignee_id, own.subject_id,
    own.full_name, own.email, own.kind,
    own.connection AS told_by, own.source_id,
    own.lives AS active, own.member_count, own.created_at, own.updated_at,
    CASE entity
        WHEN 'department' THEN [
            CASE WHEN old.name IS NOT DISTINCT FROM own.name THEN coalesce(old.seen[1], $run) ELSE $run END,
            CASE WHEN old.description IS NOT DISTINCT FROM own.description THEN coalesce(old.seen[2], $run) ELSE $run END,
            CASE WHEN old.parent_id IS NOT DISTINCT FROM own.parent_id THEN coalesce(old.seen[3], $run) ELSE $run END
        ]
        WHEN 'team' THEN [
            CASE WHEN old.name IS NOT DISTINCT FROM own.name THEN coalesce(old.seen[1], $run) ELSE $run END,
            CASE WHEN old.description IS NOT DISTINCT FROM own.description THEN coalesce(old.seen[2], $run) ELSE $run END
        ]
        WHEN 'task' THEN [
            CASE WHEN old.title IS NOT DISTINCT FROM own.title THEN coalesce(old.seen[1], $run) ELSE $run END,
            CASE WHEN old.notes IS NOT DISTINCT FROM own.notes THEN coalesce(old.seen[2], $run) ELSE $run END,
            CASE WHEN old.completed IS NOT DISTINCT FROM own.completed THEN coalesce(old.seen[3], $run) ELSE $run END,
            CASE WHEN old.due_at IS NOT DISTINCT FROM own.due_at THEN coalesce(old.seen[4], $run) ELSE $run END,
            CASE WHEN old.assignee_id IS NOT DISTINCT FROM own.assignee_id THEN coalesce(old.seen[5], $run) ELSE $run END,
            CASE WHEN old.subject_id IS NOT DISTINCT FROM own.subject_id THEN coalesce(old.seen[6], $run) ELSE $run END
        ]
        ELSE [
            CASE WHEN old.full_name IS NOT DISTINCT FROM own.full_name THEN coalesce(old.seen[1], $run) ELSE $run END,
            CASE WHEN old.email IS NOT DISTINCT FROM own.email THEN coalesce(old.seen[2], $run) ELSE $run END,
            CASE WHEN old.kind IS NOT DISTINCT FROM own.kind THEN coalesce(old.seen[3], $run) ELSE $run END
        ]
    END AS seen
FROM own
LEFT JOIN former_records AS old USING (entity, canonical_id)
