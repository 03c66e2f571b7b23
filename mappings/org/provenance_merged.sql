-- Whose value survived for each field, and by which rule, of the records that do not stand alone.
SELECT entity, canonical_id, field, value, connection, source_id, rule, run_id
FROM golden.fields
