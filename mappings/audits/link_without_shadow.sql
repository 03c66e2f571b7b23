-- Matching linked a record of this working database, and the record is no more in it: rows were lost. What to do: move
-- work.duckdb away, the next pull rebuilds it.
-- Links that are older than the working database may be to records that their vendors dropped since, and one that we made
-- by a write to a record that was removed before it was ever listed: neither counts.
SELECT link.entity, link.canonical_id, link.connection, link.source_id, link.linked_at
FROM unmatched
JOIN live.crosswalk AS link USING (connection, entity, source_id)
WHERE unmatched.present IS NULL AND link.unlinked_at IS NULL AND link.method IN ('founded', 'exact')
    AND link.linked_at > coalesce((SELECT value::TIMESTAMPTZ FROM live.marks WHERE name = 'inherited'), 'infinity'::TIMESTAMPTZ)
