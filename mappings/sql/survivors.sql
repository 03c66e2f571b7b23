-- Survivorship: for each field of each record that is out of date, the value of the first connection that has a vote.
-- A connection votes only on what it carries; a value beats an empty one, a living record a gone one, then the rank.
-- A record that stands alone wins without a contest: a hundred thousand tasks of one account need no comparing.
WITH departments AS (
    FROM (
        SELECT entity, canonical_id, connection, source_id, lives, alone, name, description, parent_id
        FROM candidates WHERE entity = 'department'
    ) UNPIVOT INCLUDE NULLS (value FOR field IN (name, description, parent_id))
),
teams AS (
    FROM (
        SELECT entity, canonical_id, connection, source_id, lives, alone, name, description
        FROM candidates WHERE entity = 'team'
    ) UNPIVOT INCLUDE NULLS (value FOR field IN (name, description))
),
tasks AS (
    FROM (
        SELECT
            entity, canonical_id, connection, source_id, lives, alone,
            title, notes, completed::VARCHAR AS completed, due_at::VARCHAR AS due_at, assignee_id, subject_id
        FROM candidates WHERE entity = 'task'
    ) UNPIVOT INCLUDE NULLS (value FOR field IN (title, notes, completed, due_at, assignee_id, subject_id))
),
people AS (
    FROM (
        SELECT entity, canonical_id, connection, source_id, lives, alone, full_name, email, kind
        FROM candidates WHERE entity = 'person'
    ) UNPIVOT INCLUDE NULLS (value FOR field IN (full_name, email, kind))
),
votes AS (
    FROM departments UNION ALL FROM teams UNION ALL FROM tasks UNION ALL FROM people
),
heard AS (
    SELECT
        vote.*,
        voter.rank,
        CASE WHEN voter.authority THEN 'authority ' || voter.rank ELSE 'no authority knows it' END AS rule
    FROM votes AS vote
    JOIN live.voters AS voter USING (connection, entity, field)
),
contested AS (
    SELECT
        entity,
        canonical_id,
        field,
        arg_min(
            {'value': value, 'connection': connection, 'source_id': source_id, 'rule': rule},
            {'empty': value IS NULL, 'gone': NOT lives, 'rank': rank, 'source_id': source_id}
        ) AS winner
    FROM heard
    WHERE NOT alone
    GROUP BY ALL
)
SELECT entity, canonical_id, field, value, connection, source_id, rule FROM heard WHERE alone
UNION ALL
SELECT entity, canonical_id, field, winner.value, winner.connection, winner.source_id, winner.rule FROM contested
