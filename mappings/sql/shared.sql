-- The canonical records that are out of date and do not stand alone: several accounts hold them, or a person gave a value.
WITH several AS ( -- told by a hash, which is faster to group by than two texts
    SELECT hash(entity, canonical_id) AS digest
    FROM live.links
    WHERE hash(entity, canonical_id) IN (SELECT hash(entity, canonical_id) FROM live.dirty)
    GROUP BY digest
    HAVING count(*) > 1
)
SELECT DISTINCT entity, canonical_id
FROM live.dirty
WHERE hash(entity, canonical_id) IN (FROM several) OR (entity, canonical_id) IN (SELECT (entity, canonical_id) FROM live.pins)
