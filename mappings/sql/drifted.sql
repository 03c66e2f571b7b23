-- The fields of some records of a connection ($ids) that say another thing than it agreed on, and what that was.
SELECT source_id, base.field, base.value
FROM live.bases AS base
JOIN shadow.records AS record USING (connection, entity, source_id)
WHERE connection = $connection AND entity = $entity AND source_id IN (SELECT unnest($ids)) AND record.present
    AND base.field <> 'active' -- that a record was switched off is no value that anybody has a say on
    AND base.value IS DISTINCT FROM CASE base.field
        WHEN 'name' THEN record.name
        WHEN 'title' THEN record.title
        WHEN 'description' THEN record.description
        WHEN 'parent_id' THEN record.parent_source_id
        WHEN 'notes' THEN record.notes
        WHEN 'completed' THEN record.completed::VARCHAR
        WHEN 'due_at' THEN record.due_at::VARCHAR
        WHEN 'assignee_id' THEN record.assignee_source_id
        WHEN 'subject_id' THEN record.subject_source_id
    END
