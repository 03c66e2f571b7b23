-- Whose value survived for each field, and by which rule. What is said of records that stand alone is told by sole.sql.
SELECT entity, canonical_id, field, value, connection, source_id, rule, run_id
FROM golden.fields
UNION ALL
FROM ({sole})
