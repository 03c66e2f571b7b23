-- The canonical records that are out of date ({dirty}, a table of our own) and do not stand alone: several accounts hold them,
-- or a person gave a value.
WITH held AS ( -- the entities of which there may be any: a million tasks of one account are not looked at
    SELECT entity FROM (SELECT DISTINCT entity, connection FROM live.links) GROUP BY entity HAVING count(*) > 1
),
several AS ( -- told by a hash, which is faster to group by than two texts
    SELECT hash(entity, canonical_id) AS digest
    FROM live.links
    WHERE entity IN (FROM held)
        AND hash(entity, canonical_id) IN (SELECT hash(entity, canonical_id) FROM {dirty} WHERE entity IN (FROM held))
    GROUP BY digest
    HAVING count(*) > 1
)
SELECT DISTINCT entity, canonical_id
FROM {dirty}
WHERE entity IN (FROM held) AND hash(entity, canonical_id) IN (FROM several) OR (entity, canonical_id) IN (SELECT (entity, canonical_id) FROM live.pins)
