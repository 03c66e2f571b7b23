-- The records of an entity that one target still holds, and that every authority which knew them was seen to hold no more:
-- gone from a whole read, or, where $off, switched off there. A record that never was at an authority is not among them, and
-- none of which an authority's copy is not known here. With whom they were, and the fields on which the target ever agreed.
WITH lost AS (
    SELECT canonical_id FROM golden.records WHERE entity = $entity AND NOT active
),
held AS (
    SELECT
        link.canonical_id,
        link.connection,
        link.source_id,
        record.present,
        record.present AND coalesce(record.active, true) AS lives
    FROM live.links AS link
    SEMI JOIN lost ON lost.canonical_id = link.canonical_id
    LEFT JOIN shadow.records AS record
        ON record.connection = link.connection AND record.entity = link.entity AND record.source_id = link.source_id
    WHERE link.entity = $entity
),
known AS (
    SELECT
        canonical_id,
        list(connection ORDER BY list_position($authority, connection)) AS knew,
        bool_and(coalesce(CASE WHEN $off THEN NOT lives ELSE NOT present END, false)) AS dropped
    FROM held
    WHERE connection IN (SELECT unnest($authority))
    GROUP BY canonical_id
)
SELECT there.canonical_id, known.knew, list(base.field) FILTER (base.field IS NOT NULL) AS agreed
FROM held AS there
JOIN known ON known.canonical_id = there.canonical_id AND known.dropped
LEFT JOIN live.bases AS base
    ON base.connection = there.connection AND base.entity = $entity AND base.source_id = there.source_id
WHERE there.connection = $connection AND there.lives
GROUP BY ALL
ORDER BY there.canonical_id
