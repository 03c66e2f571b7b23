-- The linked remote records of the canonical records that {records} (a table of our own) names. ``alone``: the only one
-- of its record, and no person gave a value; ``called``: the name as the connection has it, where a flat one qualified it
-- with the path, or where we gave it a temporary one: such a record is called as it was before. What is linked is told by
-- linked.sql, of the chosen links only: most runs change few of a million.
WITH chosen AS MATERIALIZED ( -- told by their place in the table: of a million rows only theirs are then read as a whole
    SELECT record.rowid AS place, link.entity, link.canonical_id
    FROM (FROM live.links SEMI JOIN {records} USING (entity, canonical_id)) AS link
    LEFT JOIN shadow.records AS record USING (connection, entity, source_id)
),
several AS ( -- told by a hash, which is faster to group and to join by than two texts
    SELECT hash(entity, canonical_id) AS digest FROM chosen GROUP BY digest HAVING count(*) > 1
),
linked AS (
    {linked}
),
pinned AS (
    SELECT DISTINCT entity, canonical_id, true AS pinned FROM live.pins
)
SELECT
    linked.* REPLACE (coalesce(reading.leaf, parked.former, linked.name) AS name),
    linked.name AS called,
    several.digest IS NULL AND pinned.pinned IS NULL AS alone
FROM linked
LEFT JOIN several ON several.digest = hash(linked.entity, linked.canonical_id)
LEFT JOIN live.parked AS parked
    ON parked.connection = linked.connection AND parked.entity = linked.entity AND parked.source_id = linked.source_id
    AND parked.name = linked.name
LEFT JOIN pinned ON pinned.entity = linked.entity AND pinned.canonical_id = linked.canonical_id
LEFT JOIN live.leaves AS reading
    ON reading.connection = linked.connection AND reading.source_id = linked.source_id AND linked.entity = 'department'
    AND reading.name = coalesce(parked.former, linked.name)
