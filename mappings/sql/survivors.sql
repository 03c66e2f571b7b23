-- Survivorship: for each field of each record that is out of date, the value of the first connection that has a vote.
-- A connection votes only on what it carries; a value beats an empty one, a living record a gone one, then the rank.
WITH linked AS (
    SELECT linked.* FROM live.linked AS linked
    SEMI JOIN live.dirty AS dirty USING (entity, canonical_id)
),
values_as_text AS (
    SELECT
        entity, canonical_id, connection, source_id, lives,
        name, title, description, parent_id, notes, completed::VARCHAR AS completed, due_at::VARCHAR AS due_at,
        assignee_id, subject_id, full_name, email, kind
    FROM linked
),
votes AS (
    FROM values_as_text UNPIVOT INCLUDE NULLS (
        value FOR field IN (
            name, title, description, parent_id, notes, completed, due_at, assignee_id, subject_id, full_name, email, kind
        )
    )
)
SELECT
    vote.entity,
    vote.canonical_id,
    vote.field,
    arg_min(
        {'value': vote.value, 'connection': vote.connection, 'source_id': vote.source_id,
         'rule': CASE WHEN voter.authority THEN 'authority ' || voter.rank ELSE 'no authority knows it' END},
        {'empty': vote.value IS NULL, 'gone': NOT vote.lives, 'rank': voter.rank, 'source_id': vote.source_id}
    ) AS winner
FROM votes AS vote
JOIN live.voters AS voter USING (connection, entity, field)
GROUP BY ALL
