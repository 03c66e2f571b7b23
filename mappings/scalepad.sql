-- ScalePad AMM's departments as shadows. The list is flat, and a deleted department is not in it.
SELECT
    'department' AS entity,
    source_id,
    told[1] AS name,
    told[2] AS description,
    CAST(NULL AS VARCHAR) AS parent_source_id,
    true AS active,
    TRY_CAST(told[3] AS BIGINT) AS member_count,
    TRY_CAST(told[4] AS TIMESTAMPTZ) AS created_at,
    TRY_CAST(told[5] AS TIMESTAMPTZ) AS updated_at
FROM (
    SELECT
        source_id,
        json_extract_string( -- one parse a record
            record, ['$.name', '$.description', '$.member_count', '$.created_at', '$.updated_at']
        ) AS told
    FROM raw
    WHERE resource = 'departments'
)
