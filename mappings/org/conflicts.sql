-- Fields on which authorities disagree until a person decides.
WITH open AS (
    SELECT md5(entity || chr(0) || canonical_id || chr(0) || field) AS conflict_id, * FROM golden.conflicts
)
SELECT
    open.conflict_id,
    open.entity,
    open.canonical_id,
    coalesce(record.name, record.title, record.full_name) AS name,
    open.field,
    to_json(open."values") AS "values",
    since.since
FROM open
LEFT JOIN golden.records AS record USING (entity, canonical_id)
LEFT JOIN history.asked AS since ON since.id = open.conflict_id
