-- A record that refers to one that was just linked, or unlinked, is out of date too. One join a reference: an OR in
-- the condition would compare every record with every link.
WITH referring AS (
    SELECT connection, entity, source_id, entity AS referred, parent_source_id AS reference FROM shadow.records
    WHERE parent_source_id IS NOT NULL AND EXISTS (FROM relinked WHERE entity = 'department')
    UNION ALL
    SELECT connection, entity, source_id, 'person', assignee_source_id FROM shadow.records
    WHERE assignee_source_id IS NOT NULL AND EXISTS (FROM relinked WHERE entity = 'person')
    UNION ALL
    SELECT connection, entity, source_id, 'person', subject_source_id FROM shadow.records
    WHERE subject_source_id IS NOT NULL AND EXISTS (FROM relinked WHERE entity = 'person')
)
INSERT INTO live.dirty
SELECT DISTINCT own.entity, own.canonical_id
FROM referring
JOIN relinked
    ON relinked.connection = referring.connection AND relinked.entity = referring.referred
    AND relinked.source_id = referring.reference
JOIN live.links AS own
    ON own.connection = referring.connection AND own.entity = referring.entity AND own.source_id = referring.source_id
