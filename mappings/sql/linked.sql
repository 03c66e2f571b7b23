-- Every linked remote record, its references as canonical ids, and as the connection tells them. One row a link.
-- ``restored``: its vendor was not asked since the working database was lost (restore.sql).
SELECT
    own.canonical_id,
    record.entity,
    record.connection,
    record.source_id,
    record.present,
    record.present AND coalesce(record.active, true) AS lives,
    record.name,
    record.title,
    record.description,
    parent.canonical_id AS parent_id,
    record.parent_source_id,
    record.notes,
    record.completed,
    record.due_at,
    assignee.canonical_id AS assignee_id,
    record.assignee_source_id,
    subject.canonical_id AS subject_id,
    record.subject_source_id,
    record.full_name,
    record.email,
    record.kind,
    record.member_count,
    record.members,
    record.created_at,
    record.updated_at,
    record.fingerprint IS NULL AS restored
FROM shadow.records AS record
JOIN live.links AS own USING (connection, entity, source_id) -- candidates.sql takes others in their place
LEFT JOIN live.links AS parent -- only departments have one: the others would fill the join's table for nothing
    ON parent.connection = record.connection AND parent.entity = 'department' AND record.entity = 'department'
    AND parent.source_id = record.parent_source_id
LEFT JOIN live.links AS assignee
    ON assignee.connection = record.connection AND assignee.entity = 'person' AND assignee.source_id = record.assignee_source_id
LEFT JOIN live.links AS subject
    ON subject.connection = record.connection AND subject.entity = 'person' AND subject.source_id = record.subject_source_id
