-- A canonical record stands for nothing: no remote record is linked to it. What to do: move work.duckdb away, the next
-- pull rebuilds it.
SELECT entity, canonical_id, name FROM unborn WHERE connection IS NULL
