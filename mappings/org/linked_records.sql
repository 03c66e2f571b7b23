-- What each account says of a canonical record that several of them hold, in canonical terms; so that a value that did not
-- survive can be told too. Of a record that one account holds, the published row itself is what that account says.
WITH several AS (
    SELECT any_value(entity) AS entity, any_value(canonical_id) AS canonical_id
    FROM live.links
    GROUP BY hash(entity, canonical_id) -- twice as fast as by the two texts
    HAVING count(*) > 1
),
heard AS (
    SELECT connection, entity, list(field ORDER BY field) AS fields, min(rank) AS rank FROM live.voters GROUP BY ALL
)
SELECT
    linked.entity, linked.canonical_id, linked.connection, linked.source_id, heard.rank, heard.fields,
    linked.lives AS active, coalesce(reading.leaf, parked.former, linked.name) AS name, linked.title, linked.description, linked.parent_id, linked.notes, linked.completed,
    linked.due_at, linked.assignee_id, linked.subject_id, linked.full_name, linked.email, linked.kind, linked.member_count,
    linked.created_at, linked.updated_at
FROM live.linked AS linked
SEMI JOIN several USING (entity, canonical_id)
LEFT JOIN heard USING (connection, entity)
LEFT JOIN live.parked AS parked
    ON parked.connection = linked.connection AND parked.entity = linked.entity AND parked.source_id = linked.source_id
    AND parked.name = linked.name
LEFT JOIN live.leaves AS reading
    ON reading.connection = linked.connection AND reading.source_id = linked.source_id AND linked.entity = 'department'
    AND reading.name = coalesce(parked.former, linked.name)
