-- The departments of flat systems ($flat) whose names may hold the path, or the end of it, with all that tells how such a
-- name is read: the path of the parent (``paths``), what was agreed on, and what the other systems agreed on then. What was
-- agreed on is left out where it is a leaf below an end of that path: it tells no more. A record with a temporary name of
-- ours is read by the name that it had before. ``inputs`` is another number whenever one of these is. A name without a
-- separator, and one of a root, is read as it is.
WITH agreed AS (
    SELECT base.connection, base.source_id, coalesce(parked.former, base.value) AS value
    FROM live.bases AS base
    LEFT JOIN live.parked AS parked
        ON parked.connection = base.connection AND parked.entity = base.entity AND parked.source_id = base.source_id
    WHERE base.entity = 'department' AND base.field = 'name'
),
named AS (
    SELECT
        record.connection, record.source_id, coalesce(parked.former, record.name) AS name, link.canonical_id,
        coalesce(above.path, []) AS above, own.value AS agreed
    FROM shadow.records AS record
    LEFT JOIN live.parked AS parked USING (connection, entity, source_id, name)
    JOIN live.links AS link USING (connection, entity, source_id)
    JOIN golden.records AS golden ON golden.entity = 'department' AND golden.canonical_id = link.canonical_id
    LEFT JOIN paths AS above ON above.canonical_id = golden.parent_id
    LEFT JOIN (FROM agreed WHERE contains(value, ' / ')) AS own
        ON own.connection = record.connection AND own.source_id = record.source_id
    WHERE record.entity = 'department' AND contains(coalesce(parked.former, record.name), ' / ') AND golden.parent_id IS NOT NULL
        AND record.connection IN (SELECT unnest($flat))
),
told AS MATERIALIZED (
    SELECT * REPLACE (
        CASE WHEN len(list_filter(
            list_transform(range(1, len(above) + 1), lambda names: array_to_string(above[-names:], ' / ')),
            lambda head: starts_with(agreed, head || ' / ') AND NOT contains('/ ' || agreed[len(head) + 4:], ' / ')
        )) = 0 THEN agreed END AS agreed
    )
    FROM named
),
others AS (
    SELECT own.canonical_id, own.connection, list_sort(list(agreed.value)) AS leaves
    FROM (FROM told WHERE agreed IS NOT NULL) AS own
    LEFT JOIN live.links AS beside
        ON beside.entity = 'department' AND beside.canonical_id = own.canonical_id AND beside.connection <> own.connection
    LEFT JOIN agreed ON agreed.connection = beside.connection AND agreed.source_id = beside.source_id
    GROUP BY own.canonical_id, own.connection
)
SELECT
    told.connection, told.source_id, told.name, told.above, told.agreed, others.leaves,
    hash(told.name, told.above, CASE WHEN told.agreed IS NOT NULL THEN (told.agreed, others.leaves) END)::UBIGINT AS inputs
FROM told
LEFT JOIN others USING (canonical_id, connection)
