-- The linked remote records of the canonical records that {records} (a table of our own) names. ``alone``: the only one
-- of its record, and no person gave a value; ``called``: the name as the connection has it, where a flat one qualified it
-- with the path. What is linked is told by linked.sql, of the chosen links only: most runs change few of a million.
WITH chosen AS NOT MATERIALIZED ( -- a million of them are not kept beside what is made of them
    SELECT link.* FROM live.links AS link SEMI JOIN {records} USING (entity, canonical_id)
),
dirty AS (
    SELECT entity, canonical_id, count(*) AS links FROM chosen GROUP BY ALL
),
linked AS (
    {linked}
),
pinned AS (
    SELECT DISTINCT entity, canonical_id, true AS pinned FROM live.pins
)
SELECT
    linked.* REPLACE (coalesce(reading.leaf, linked.name) AS name),
    linked.name AS called,
    dirty.links = 1 AND pinned.pinned IS NULL AS alone
FROM linked
JOIN dirty USING (entity, canonical_id)
LEFT JOIN pinned USING (entity, canonical_id)
LEFT JOIN live.leaves AS reading
    ON reading.connection = linked.connection AND reading.source_id = linked.source_id AND linked.entity = 'department'
    AND reading.name = linked.name
