-- The golden rows of the records that are out of date, from their surviving fields and the facts of their best record.
WITH heard AS (
    SELECT connection, entity, list(field) AS fields, min(rank) AS rank, bool_or(authority) AS authority
    FROM live.voters
    GROUP BY ALL
),
alone AS (
    SELECT
        candidate.* REPLACE (
            CASE WHEN list_contains(heard.fields, 'name') THEN name END AS name,
            CASE WHEN list_contains(heard.fields, 'title') THEN title END AS title,
            CASE WHEN list_contains(heard.fields, 'description') THEN description END AS description,
            CASE WHEN list_contains(heard.fields, 'parent_id') THEN parent_id END AS parent_id,
            CASE WHEN list_contains(heard.fields, 'notes') THEN notes END AS notes,
            CASE WHEN list_contains(heard.fields, 'completed') THEN completed END AS completed,
            CASE WHEN list_contains(heard.fields, 'due_at') THEN due_at END AS due_at,
            CASE WHEN list_contains(heard.fields, 'assignee_id') THEN assignee_id END AS assignee_id,
            CASE WHEN list_contains(heard.fields, 'subject_id') THEN subject_id END AS subject_id,
            CASE WHEN list_contains(heard.fields, 'full_name') THEN full_name END AS full_name,
            CASE WHEN list_contains(heard.fields, 'email') THEN email END AS email,
            CASE WHEN list_contains(heard.fields, 'kind') THEN kind END AS kind
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
        any_value(facts.active) AS active,
        any_value(facts.member_count) AS member_count,
        any_value(facts.created_at) AS created_at,
        any_value(facts.updated_at) AS updated_at
    FROM facts
    LEFT JOIN survivors USING (entity, canonical_id)
    GROUP BY facts.entity, facts.canonical_id
)
FROM contested
UNION ALL BY NAME
SELECT
    entity, canonical_id, name, title, description, parent_id, notes, completed, due_at, assignee_id, subject_id, full_name,
    email, kind, lives AS active, member_count, created_at, updated_at
FROM alone
