-- Toy's departments as shadows. `record` is the JSON as it came; one parse a record takes all that is wanted of it.
SELECT
    'department' AS entity,
    source_id,
    told[1] AS name,
    told[2] AS description,
    true AS active
FROM (
    SELECT source_id, json_extract_string(record, ['$.name', '$.about']) AS told
    FROM raw
    WHERE resource = 'departments'
)
