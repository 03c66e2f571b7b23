-- A record that an account shows is neither linked nor waiting for a person: matching forgot it. What to do: report it,
-- with these rows.
-- The records of a connection that was taken out of the configuration are nobody's business.
SELECT entity, connection, source_id
FROM unmatched
ANTI JOIN live.disputes USING (connection, entity, source_id)
SEMI JOIN live.voters USING (connection, entity)
WHERE present
