-- The linked remote records of the canonical records that are out of date; ``alone``: the only one of its record.
WITH dirty AS (
    SELECT entity, canonical_id, count(*) AS links
    FROM live.links
    SEMI JOIN live.dirty USING (entity, canonical_id)
    GROUP BY ALL
)
SELECT linked.*, dirty.links = 1 AS alone
FROM live.linked AS linked
JOIN dirty USING (entity, canonical_id)
