-- The golden rows of the records that are out of date and do not stand alone, from what the merge took and the facts of their
-- best record. Those that do are told by sole_golden.sql.
WITH heard AS (
    SELECT connection, entity, min(rank) AS rank, bool_or(authority) AS authority
    FROM live.voters
    GROUP BY ALL
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
