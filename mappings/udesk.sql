-- Udesk's departments as shadows. parent_id was derived from the nesting when they were read; 0 means top level.
SELECT
    'department' AS entity,
    source_id,
    told[1] AS name,
    CAST(NULL AS VARCHAR) AS description,
    nullif(told[2], '0') AS parent_source_id,
    true AS active,
    CAST(NULL AS BIGINT) AS member_count,
    CAST(NULL AS TIMESTAMPTZ) AS created_at,
    CAST(NULL AS TIMESTAMPTZ) AS updated_at
FROM (
    SELECT source_id, json_extract_string(record, ['$.name', '$.parent_id']) AS told -- one parse a record
    FROM raw
    WHERE resource = 'departments'
)
