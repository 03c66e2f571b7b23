-- Udesk's departments as shadows. parent_id was derived from the nesting when they were read; 0 means top level.
SELECT
    'department' AS entity,
    source_id,
    json_extract_string(record, '$.name') AS name,
    CAST(NULL AS VARCHAR) AS description,
    nullif(json_extract_string(record, '$.parent_id'), '0') AS parent_source_id,
    true AS active,
    CAST(NULL AS BIGINT) AS member_count,
    CAST(NULL AS TIMESTAMPTZ) AS created_at,
    CAST(NULL AS TIMESTAMPTZ) AS updated_at
FROM raw
WHERE resource = 'departments'
