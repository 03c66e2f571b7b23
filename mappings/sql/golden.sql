-- The golden rows of the records that are out of date, from what the merge took and the facts of their best record. Of one
-- that stands alone the row itself says whose it is (``source_id``), and since which run each of its fields is so (``seen``).
WITH heard AS (
    SELECT
        connection, entity, min(rank) AS rank, bool_or(authority) AS authority,
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
alone AS (
    SELECT
        candidate.* REPLACE (
            CASE WHEN heard.name THEN candidate.name END AS name,
            CASE WHEN heard.title THEN candidate.title END AS title,
            CASE WHEN heard.description THEN candidate.description END AS description,
            CASE WHEN heard.parent_id THEN candidate.parent_id END AS parent_id,
            CASE WHEN heard.notes THEN candidate.notes END AS notes,
            CASE WHEN heard.completed THEN candidate.completed END AS completed,
            CASE WHEN heard.due_at THEN candidate.due_at END AS due_at,
            CASE WHEN heard.assignee_id THEN candidate.assignee_id END AS assignee_id,
            CASE WHEN heard.subject_id THEN candidate.subject_id END AS subject_id,
            CASE WHEN heard.full_name THEN candidate.full_name END AS full_name,
            CASE WHEN heard.email THEN candidate.email END AS email,
            CASE WHEN heard.kind THEN candidate.kind END AS kind
        )
    FROM candidates AS candidate
    JOIN heard USING (connection, entity)
    WHERE candidate.alone
),
facts AS (
    SELECT
        candidate.entity,
        candidate.canonical_id,
        coalesce(bool_or(lives) FILTER (heard.authority), bool_or(lives)) AS active,
        arg_min(member_count, heard.rank) FILTER (member_count IS NOT NULL) AS member_count,
        arg_min(created_at, heard.rank) FILTER (created_at IS NOT NULL) AS created_at,
        arg_min(updated_at, heard.rank) FILTER (updated_at IS NOT NULL) AS updated_at
    FROM candidates AS candidate
    JOIN heard USING (connection, entity)
    WHERE NOT candidate.alone
    GROUP BY ALL
),
contested AS (
    SELECT
        facts.entity,
        facts.canonical_id,
        max(value) FILTER (field = 'name') AS name,
        max(value) FILTER (field = 'title') AS title,
        max(value) FILTER (field = 'description') AS description,
        max(value) FILTER (field = 'parent_id') AS parent_id,
        max(value) FILTER (field = 'notes') AS notes,
        (max(value) FILTER (field = 'completed'))::BOOLEAN AS completed,
        (max(value) FILTER (field = 'due_at'))::TIMESTAMPTZ AS due_at,
        max(value) FILTER (field = 'assignee_id') AS assignee_id,
        max(value) FILTER (field = 'subject_id') AS subject_id,
        max(value) FILTER (field = 'full_name') AS full_name,
        max(value) FILTER (field = 'email') AS email,
        max(value) FILTER (field = 'kind') AS kind,
        max(connection) FILTER (field IN ('name', 'title', 'full_name')) AS told_by,
        any_value(facts.active) AS active,
        any_value(facts.member_count) AS member_count,
        any_value(facts.created_at) AS created_at,
        any_value(facts.updated_at) AS updated_at
    FROM facts
    LEFT JOIN merged USING (entity, canonical_id)
    GROUP BY facts.entity, facts.canonical_id
)
FROM contested
UNION ALL BY NAME
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
FROM alone AS own
LEFT JOIN former_records AS old USING (entity, canonical_id)
