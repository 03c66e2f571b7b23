-- Remote records that wait for a person, the canonical ones that they could be, and how they stand in their own system's tree.
-- Of siblings and children the first eight are told: they are there to know a record by.
WITH RECURSIVE remote AS MATERIALIZED ( -- a million tasks need not be looked through for the sake of three departments
    SELECT connection, entity, source_id, parent_source_id, coalesce(name, title, full_name) AS name, present
    FROM shadow.records
    WHERE (connection, entity) IN (SELECT DISTINCT (connection, entity) FROM live.disputes)
),
asked AS (
    SELECT
        md5(dispute.connection || chr(0) || dispute.entity || chr(0) || dispute.source_id) AS proposal_id,
        dispute.*,
        record.name,
        record.parent_source_id
    FROM live.disputes AS dispute
    LEFT JOIN remote AS record USING (connection, entity, source_id)
),
below AS ( -- what waits for each record that waits for no other
    SELECT proposal_id AS "first", connection, entity, source_id FROM asked WHERE question <> 'follows'
    UNION
    SELECT below."first", child.connection, child.entity, child.source_id
    FROM below
    JOIN asked AS child
        ON child.question = 'follows' AND child.connection = below.connection AND child.entity = below.entity
        AND child.parent_source_id = below.source_id
),
counted AS (
    SELECT "first" AS proposal_id, count(*) - 1 AS follows FROM below GROUP BY ALL
),
above AS (
    SELECT proposal_id, connection, entity, parent_source_id, [coalesce(name, '')] AS names FROM asked
    UNION ALL
    SELECT above.proposal_id, parent.connection, parent.entity, parent.parent_source_id, list_prepend(coalesce(parent.name, ''), names)
    FROM above
    JOIN remote AS parent
        ON parent.connection = above.connection AND parent.entity = above.entity
        AND parent.source_id = above.parent_source_id
    WHERE len(names) < 20 -- it may be a circle
),
placed AS (
    SELECT proposal_id, array_to_string(arg_max(names, len(names)), ' / ') AS path FROM above GROUP BY ALL
),
parents AS (
    SELECT connection, entity, parent_source_id FROM asked UNION SELECT connection, entity, source_id FROM asked
),
trees AS (
    SELECT DISTINCT connection FROM remote WHERE parent_source_id IS NOT NULL
),
family AS ( -- those below one parent; of a system that knows no parents there is none
    SELECT connection, entity, parent_source_id, list({'id': source_id, 'name': coalesce(name, '')} ORDER BY name, source_id) AS members
    FROM remote AS record
    SEMI JOIN trees USING (connection)
    SEMI JOIN parents
        ON parents.connection = record.connection AND parents.entity = record.entity
        AND parents.parent_source_id IS NOT DISTINCT FROM record.parent_source_id
    WHERE present AND entity = 'department'
    GROUP BY ALL
)
SELECT
    asked.proposal_id,
    asked.entity,
    asked.connection,
    asked.source_id,
    asked.name,
    placed.path,
    asked.candidates,
    asked.question,
    asked.score,
    asked.runner_up,
    to_json(asked.evidence) AS evidence,
    asked.reason,
    coalesce(counted.follows, 0) AS follows,
    CASE WHEN asked.question = 'follows' THEN below."first" END AS waits_for,
    [member.name FOR member IN siblings.members IF member.id <> asked.source_id][:8] AS siblings,
    [member.name FOR member IN children.members][:8] AS children,
    since.since
FROM asked
LEFT JOIN counted USING (proposal_id)
LEFT JOIN placed USING (proposal_id)
LEFT JOIN below
    ON below.connection = asked.connection AND below.entity = asked.entity AND below.source_id = asked.source_id
    AND asked.question = 'follows'
LEFT JOIN family AS siblings
    ON siblings.connection = asked.connection AND siblings.entity = asked.entity
    AND siblings.parent_source_id IS NOT DISTINCT FROM asked.parent_source_id
LEFT JOIN family AS children
    ON children.connection = asked.connection AND children.entity = asked.entity
    AND children.parent_source_id = asked.source_id
LEFT JOIN history.asked AS since ON since.id = asked.proposal_id
