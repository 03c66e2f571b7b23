-- The golden rows of the records that are out of date, from their surviving fields and the facts of their best record.
WITH fields AS (
    SELECT fields.* FROM golden.fields AS fields
    SEMI JOIN live.dirty AS dirty USING (entity, canonical_id)
),
ranks AS (
    SELECT connection, entity, min(rank) AS rank, bool_or(authority) AS authority FROM live.voters GROUP BY ALL
),
facts AS (
    SELECT
        linked.entity,
        linked.canonical_id,
        coalesce(bool_or(linked.lives) FILTER (ranks.authority), bool_or(linked.lives)) AS active,
        arg_min(linked.member_count, ranks.rank) FILTER (linked.member_count IS NOT NULL) AS member_count,
        arg_min(linked.created_at, ranks.rank) FILTER (linked.created_at IS NOT NULL) AS created_at,
        arg_min(linked.updated_at, ranks.rank) FILTER (linked.updated_at IS NOT NULL) AS updated_at
    FROM live.linked AS linked
    SEMI JOIN live.dirty AS dirty USING (entity, canonical_id)
    JOIN ranks USING (connection, entity)
    GROUP BY ALL
)
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
LEFT JOIN fields USING (entity, canonical_id)
GROUP BY facts.entity, facts.canonical_id
