-- One remote record is linked to two canonical records. What to do: move work.duckdb away, the next pull copies the links
-- anew; the safety record itself refuses such a pair.
-- Counted by hashes first: to group a hundred thousand rows by a number is three times as fast as by three texts.
WITH suspects AS (
    SELECT hash(entity, connection, source_id) AS digest FROM live.links GROUP BY digest HAVING count(*) > 1
)
SELECT entity, connection, source_id, list_sort(list(canonical_id)) AS canonical_ids
FROM live.links
WHERE hash(entity, connection, source_id) IN (FROM suspects)
GROUP BY entity, connection, source_id
HAVING count(*) > 1
