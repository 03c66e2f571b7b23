-- A record that refers to one that was just linked, or unlinked, is out of date too.
INSERT INTO live.dirty
SELECT DISTINCT own.entity, own.canonical_id
FROM shadow.records AS record
JOIN live.links AS own USING (connection, entity, source_id)
JOIN relinked
    ON relinked.connection = record.connection
    AND (
        (relinked.entity = record.entity AND relinked.source_id = record.parent_source_id)
        OR (relinked.entity = 'person' AND relinked.source_id IN (record.assignee_source_id, record.subject_source_id))
    )
