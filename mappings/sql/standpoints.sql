-- What each linked connection says of each field that it has a vote on: as it says it (``raw``: source ids, as a base is
-- kept), and in canonical terms (``value``). Of the candidates that do not stand alone.
-- ``based``: it agreed on the field before, on ``base`` (``agreed`` in canonical terms); ``unknown``: it refers to a record
-- that no link knows, which is not the same as to none; ``moved``: an authority says another thing than it agreed on, in its
-- own words: what was restored are the golden record's; ``rests``: an authority that still says what it agreed on, ``since``
-- whichever of the bases' moves; ``written``: our own write moved its base, and nobody saw all agree since. A write that
-- told an authority's own edit by its path, before anybody followed (2), leaves it moved. ``turn``: whose value stands while
-- nobody moved: the first authority that knows the field; a value beats an empty one, unless an authority agreed on the empty
-- one or it is a place (no parent: the top), and a living record a gone one.
WITH said AS (
    SELECT
        entity, canonical_id, connection, source_id, lives, restored, updated_at,
        unnest(CASE entity
            WHEN 'department' THEN [
                {'field': 'name', 'value': name, 'raw': called},
                {'field': 'description', 'value': description, 'raw': description},
                {'field': 'parent_id', 'value': parent_id, 'raw': parent_source_id}
            ]
            WHEN 'team' THEN [
                {'field': 'name', 'value': name, 'raw': called},
                {'field': 'description', 'value': description, 'raw': description}
            ]
            WHEN 'task' THEN [
                {'field': 'title', 'value': title, 'raw': title},
                {'field': 'notes', 'value': notes, 'raw': notes},
                {'field': 'completed', 'value': completed::VARCHAR, 'raw': completed::VARCHAR},
                {'field': 'due_at', 'value': due_at::VARCHAR, 'raw': due_at::VARCHAR},
                {'field': 'assignee_id', 'value': assignee_id, 'raw': assignee_source_id},
                {'field': 'subject_id', 'value': subject_id, 'raw': subject_source_id}
            ]
            ELSE [
                {'field': 'full_name', 'value': full_name, 'raw': full_name},
                {'field': 'email', 'value': email, 'raw': email},
                {'field': 'kind', 'value': kind, 'raw': kind}
            ]
        END, recursive := true)
    FROM candidates
    WHERE NOT alone
)
SELECT
    said.*,
    voter.rank,
    voter.authority,
    voter.on_conflict,
    base.connection IS NOT NULL AS based,
    base.value AS base,
    CASE WHEN said.field IN ('parent_id', 'assignee_id', 'subject_id') THEN referred.canonical_id ELSE base.value END AS agreed,
    said.raw IS NOT NULL AND said.value IS NULL AS unknown,
    voter.authority AND said.lives AND base.connection IS NOT NULL AND NOT unknown AND NOT said.restored AS speaks,
    speaks AND (said.raw IS DISTINCT FROM base.value OR base.written = 2) AS moved,
    speaks AND NOT moved AS rests,
    base.seq AS since,
    coalesce(base.written, 0) AS written,
    CASE WHEN unknown THEN 4000 ELSE 0 END
    + CASE WHEN said.value IS NULL AND NOT (voter.authority AND (based OR said.field = 'parent_id')) THEN 2000 ELSE 0 END
    + CASE WHEN NOT said.lives THEN 1000 ELSE 0 END
    + voter.rank AS turn
FROM said
JOIN live.voters AS voter USING (connection, entity, field)
LEFT JOIN live.bases AS base USING (connection, entity, source_id, field)
LEFT JOIN live.links AS referred
    ON referred.connection = said.connection AND referred.source_id = base.value
    AND referred.entity = CASE said.field
        WHEN 'parent_id' THEN 'department' WHEN 'assignee_id' THEN 'person' WHEN 'subject_id' THEN 'person'
    END
