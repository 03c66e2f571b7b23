-- Some golden records of one entity, with the connection that each field survives from. {fields} are columns of our own.
WITH origin AS (
    SELECT canonical_id, map_from_entries(list((field, connection))) AS origin
    FROM golden.fields
    WHERE entity = $entity AND canonical_id IN (SELECT unnest($ids))
    GROUP BY canonical_id
),
heard AS (
    SELECT connection, map_from_entries(list((field, connection))) AS origin
    FROM live.voters
    WHERE entity = $entity
    GROUP BY connection
)
SELECT canonical_id, coalesce(active, false), CASE WHEN source_id IS NULL THEN origin.origin ELSE heard.origin END, {fields}
FROM golden.records AS record
LEFT JOIN origin USING (canonical_id)
LEFT JOIN heard ON heard.connection = record.told_by
WHERE record.entity = $entity AND canonical_id IN (SELECT unnest($ids))
