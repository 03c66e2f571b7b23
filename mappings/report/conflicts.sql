-- Fields on which authorities disagree until a person decides.
SELECT conflict_id, entity, canonical_id, name, field, "values", since, count(*) OVER () AS of_all
FROM ops.conflicts
WHERE decision IS NULL
ORDER BY since, entity, name, field
LIMIT 500
