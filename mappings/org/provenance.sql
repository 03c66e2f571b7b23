-- Whose value survived for each field, and by which rule; {org} is the schema of the published tables. The values of records
-- that stand alone are in their own tables: each arm tells those of one. No part is named and used twice: a question about
-- one record shall look at that record only. Times are told in UTC, whatever the reader's time zone is.
SELECT entity, canonical_id, field, value, connection, source_id, rule, run_id
FROM {org}.provenance_merged
UNION ALL
SELECT
    own.entity, own.canonical_id, told.field,
    CASE told.field
        WHEN 'name' THEN record.name
        WHEN 'description' THEN record.description
        WHEN 'parent_id' THEN record.parent_id
    END AS value,
    own.connection, own.source_id, told.rule, run.run_id
FROM {org}.provenance_single AS own
JOIN {org}.departments AS record ON own.entity = 'department' AND record.department_id = own.canonical_id
JOIN {org}.provenance_rules AS told ON told.entity = 'department' AND told.connection = own.connection
JOIN {org}.provenance_runs AS run ON run.number = own.seen[told.place]
UNION ALL
SELECT
    own.entity, own.canonical_id, told.field,
    CASE told.field
        WHEN 'name' THEN record.name
        WHEN 'description' THEN record.description
    END AS value,
    own.connection, own.source_id, told.rule, run.run_id
FROM {org}.provenance_single AS own
JOIN {org}.teams AS record ON own.entity = 'team' AND record.team_id = own.canonical_id
JOIN {org}.provenance_rules AS told ON told.entity = 'team' AND told.connection = own.connection
JOIN {org}.provenance_runs AS run ON run.number = own.seen[told.place]
UNION ALL
SELECT
    own.entity, own.canonical_id, told.field,
    CASE told.field
        WHEN 'title' THEN record.title
        WHEN 'notes' THEN record.notes
        WHEN 'completed' THEN record.completed::VARCHAR
        WHEN 'due_at' THEN CASE
            WHEN isfinite(record.due_at) THEN make_timestamp(epoch_us(record.due_at))::VARCHAR || '+00'
            ELSE record.due_at::VARCHAR
        END
        WHEN 'assignee_id' THEN record.assignee_id
        WHEN 'subject_id' THEN record.subject_id
    END AS value,
    own.connection, own.source_id, told.rule, run.run_id
FROM {org}.provenance_single AS own
JOIN {org}.tasks AS record ON own.entity = 'task' AND record.task_id = own.canonical_id
JOIN {org}.provenance_rules AS told ON told.entity = 'task' AND told.connection = own.connection
JOIN {org}.provenance_runs AS run ON run.number = own.seen[told.place]
UNION ALL
SELECT
    own.entity, own.canonical_id, told.field,
    CASE told.field
        WHEN 'full_name' THEN record.full_name
        WHEN 'email' THEN record.email
        WHEN 'kind' THEN record.kind
    END AS value,
    own.connection, own.source_id, told.rule, run.run_id
FROM {org}.provenance_single AS own
JOIN {org}.people AS record ON own.entity = 'person' AND record.person_id = own.canonical_id
JOIN {org}.provenance_rules AS told ON told.entity = 'person' AND told.connection = own.connection
JOIN {org}.provenance_runs AS run ON run.number = own.seen[told.place]
