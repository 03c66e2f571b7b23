-- A linked remote record that is here, of a connection that has a say, has no canonical record. What to do: move
-- work.duckdb away, the next pull rebuilds it.
-- A link whose record is not here (not read yet, or dropped by its vendor before a rebuild) and one of a connection that
-- was taken out of the configuration are no fault.
SELECT entity, canonical_id, connection, source_id
FROM unborn
ANTI JOIN unmatched USING (connection, entity, source_id)
SEMI JOIN live.voters USING (connection, entity)
WHERE connection IS NOT NULL
