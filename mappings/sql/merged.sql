-- The three-way merge, field by field, for any number of connections (DESIGN 5.3), of the records that do not stand alone.
-- Moved to one value, by one authority or by several alike: it is taken. To several: on_conflict decides. Nobody moved, or
-- nobody agreed yet: whose turn is first (standpoints.sql), which is all that is asked where nothing was ever agreed on, or
-- given by a person (``fresh``): of most fields in a first run. ``moves``: how many different values authorities moved to.
-- ``rests``: how many different ones they rest on: several where we wrote to one of them what another said, which took it
-- back before all were seen to agree; or where one was gone for a while. What was agreed on last is then taken: what we wrote
-- ourselves is nobody's word. Where we wrote to all of them the first write is: whoever had asked for the last takes it back.
-- Each connection has one record here, and a rank of its own: no tie is possible. Numbers order faster than structs.
WITH mover AS ( -- whoever moved a value last is still told once all others followed
    SELECT entity, canonical_id, field, connection, value AS moved_to, rule AS moved_by
    FROM golden.fields
    SEMI JOIN candidates USING (entity, canonical_id)
    WHERE rule IN ('moved', 'conflict authority', 'conflict newest')
),
seasoned AS MATERIALIZED (
    SELECT entity, canonical_id, field FROM standpoints WHERE based
    UNION
    SELECT entity, canonical_id, field FROM mover
    UNION
    SELECT entity, canonical_id, field FROM live.pins
),
fresh AS (
    SELECT arg_min(standpoint.rowid, turn) AS place
    FROM standpoints AS standpoint
    ANTI JOIN seasoned USING (entity, canonical_id, field)
    GROUP BY entity, canonical_id, field
),
contest AS (
    SELECT
        entity,
        canonical_id,
        field,
        count(DISTINCT coalesce(nfc_normalize(trim(value)), chr(0))) FILTER (moved) AS moves,
        count(DISTINCT coalesce(nfc_normalize(trim(value)), chr(0))) FILTER (rests) AS rests,
        any_value(on_conflict) AS on_conflict,
        arg_min({'value': value, 'connection': connection, 'source_id': source_id}, rank) FILTER (moved) AS first_moved,
        arg_max(
            {'value': value, 'connection': connection, 'source_id': source_id},
            coalesce(epoch_us(updated_at), 0) * 1000 - rank
        ) FILTER (moved) AS last_moved,
        arg_min({'value': agreed, 'connection': connection, 'source_id': source_id}, rank) FILTER (moved) AS agreed,
        arg_min(
            {
                'value': value, 'connection': connection, 'source_id': source_id,
                'rule': CASE WHEN authority THEN 'authority ' || rank ELSE 'no authority knows it' END
            },
            turn
        ) AS standing,
        arg_max(
            {'value': value, 'connection': connection, 'source_id': source_id, 'rule': 'authority ' || rank},
            CASE WHEN written > 0 THEN -since ELSE 1_000_000_000_000 + since END * 1000 - rank
        ) FILTER (rests) AS last_agreed,
        arg_min(
            {'value': value, 'connection': connection, 'source_id': source_id, 'rule': moved_by}, rank
        ) FILTER (moved_by IS NOT NULL AND lives AND moved_to IS NOT DISTINCT FROM value) AS stays,
        map_from_entries(list({'k': connection, 'v': value} ORDER BY connection) FILTER (moved)) AS conflict
    FROM (FROM standpoints SEMI JOIN seasoned USING (entity, canonical_id, field))
    LEFT JOIN mover USING (entity, canonical_id, field, connection)
    GROUP BY ALL
),
judged AS (
    SELECT
        contest.*,
        pin.entity IS NOT NULL AND (pin.hold = 'pin' OR coalesce(moves, 0) = 0) AS given,
        pin.value AS given_value,
        pin.hold,
        old.field IS NOT NULL AS known,
        {
            'value': old.value, 'connection': old.connection, 'source_id': old.source_id, 'rule': 'held'
        } AS kept
    FROM contest
    FULL JOIN (FROM live.pins SEMI JOIN candidates USING (entity, canonical_id)) AS pin -- a field that nobody carries too
        USING (entity, canonical_id, field)
    LEFT JOIN golden.fields AS old
        ON old.entity = contest.entity AND old.canonical_id = contest.canonical_id AND old.field = contest.field
        AND contest.moves > 1
)
SELECT
    entity,
    canonical_id,
    field,
    CASE WHEN NOT given AND moves > 1 AND on_conflict = 'hold' THEN conflict END AS conflict,
    unnest(CASE
        WHEN given THEN {
            'value': given_value, 'connection': '(person)', 'source_id': '',
            'rule': CASE hold WHEN 'pin' THEN 'pinned' ELSE 'resolved' END
        }
        WHEN moves = 0 AND rests > 1 THEN last_agreed
        WHEN moves = 0 AND stays.value IS NOT DISTINCT FROM standing.value AND stays IS NOT NULL THEN stays
        WHEN moves = 0 THEN standing
        WHEN moves = 1 THEN struct_insert(first_moved, rule := 'moved')
        WHEN on_conflict = 'authority' THEN struct_insert(first_moved, rule := 'conflict authority')
        WHEN on_conflict = 'newest' THEN struct_insert(last_moved, rule := 'conflict newest')
        WHEN known THEN kept
        ELSE struct_insert(agreed, rule := 'held')
    END)
FROM judged
UNION ALL BY NAME
SELECT
    entity, canonical_id, field, value, connection, source_id,
    CASE WHEN authority THEN 'authority ' || rank ELSE 'no authority knows it' END AS rule
FROM standpoints
WHERE rowid IN (FROM fresh)
