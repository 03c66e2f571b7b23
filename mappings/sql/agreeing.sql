-- Where the standpoints and the golden records stand to each other. ``holds``: the connection says what the golden record
-- says, in the connection's own terms; ``settled``: so do all authorities. A base moves only to what is held, and an
-- authority's only once all of them hold it: else an edit that another did not follow yet would count as agreed on. Where
-- every authority dropped the record nobody agrees to anything any more: what its other holders last agreed on stands.
WITH flat AS (
    SELECT DISTINCT connection FROM live.voters WHERE entity = 'department'
    EXCEPT
    SELECT connection FROM live.voters WHERE entity = 'department' AND field = 'parent_id'
),
wanted AS (
    SELECT
        standpoint.connection, entity, standpoint.source_id, canonical_id, field, raw, authority, based, base, written, moved,
        NOT unknown AND NOT restored AS known,
        CASE
            WHEN entity = 'department' AND field = 'name' AND standpoint.connection IN (FROM flat)
                THEN coalesce(called.name, golden.value)
            ELSE golden.value
        END AS wanted,
        CASE WHEN field IN ('parent_id', 'assignee_id', 'subject_id') THEN standpoint.value ELSE raw END AS told
    FROM standpoints AS standpoint
    JOIN golden.fields AS golden USING (entity, canonical_id, field)
    LEFT JOIN live.flat_names AS called USING (canonical_id)
    WHERE lives
),
held AS MATERIALIZED (
    SELECT
        * EXCLUDE (known, wanted, told),
        CASE -- who says nothing does not hold what is said
            WHEN NOT known THEN false
            WHEN told IS NOT DISTINCT FROM wanted THEN true
            WHEN told IS NULL OR wanted IS NULL THEN false
            ELSE nfc_normalize(trim(told, e' \t\r\n\u00a0\u3000')) = nfc_normalize(trim(wanted, e' \t\r\n\u00a0\u3000'))
        END AS holds
    FROM wanted
    ANTI JOIN (FROM golden.records WHERE active IS DISTINCT FROM true) USING (entity, canonical_id) -- few are not
)
SELECT held.*, short.field IS NULL AS settled
FROM held
LEFT JOIN (SELECT DISTINCT entity, canonical_id, field FROM held WHERE authority AND NOT holds) AS short
    USING (entity, canonical_id, field)
