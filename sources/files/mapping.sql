-- Rows of files as shadows. A record bears orgweave's own field names, whatever its columns are called; a field without
-- a column is not there, stays NULL, and has no vote.
SELECT
    rtrim(resource, 's') AS entity,
    source_id,
    told[1] AS name,
    told[2] AS description,
    told[3] AS parent_source_id,
    told[4] AS title,
    told[5] AS notes,
    TRY_CAST(told[6] AS BOOLEAN) AS completed,
    TRY_CAST(told[7] AS TIMESTAMPTZ) AS due_at,
    true AS active
FROM (
    SELECT
        resource,
        source_id,
        json_extract_string( -- one parse a record
            record, ['$.name', '$.description', '$.parent_id', '$.title', '$.notes', '$.completed', '$.due_at']
        ) AS told
    FROM raw
)
