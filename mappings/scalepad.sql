-- ScalePad AMM's departments as shadows. The list is flat, and a deleted department is not in it.
SELECT
    'department' AS entity,
    source_id,
    json_extract_string(record, '$.name') AS name,
    json_extract_string(record, '$.description') AS description,
    CAST(NULL AS VARCHAR) AS parent_source_id,
    true AS active,
    TRY_CAST(json_extract_string(record, '$.member_count') AS BIGINT) AS member_count,
    TRY_CAST(json_extract_string(record, '$.created_at') AS TIMESTAMPTZ) AS created_at,
    TRY_CAST(json_extract_string(record, '$.updated_at') AS TIMESTAMPTZ) AS updated_at
FROM raw
WHERE resource = 'departments'
