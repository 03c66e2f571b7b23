-- Whose value survived for each field, and by which rule; {org} is the schema of the published tables. The values of records
-- that stand alone are in their own tables: ``said`` holds those of one, in the order of ``seen`` (sql/golden.sql). No part is
-- named and used twice: a question about one record shall look at that record only. Times are told in UTC, whatever the
-- reader's time zone is.
SELECT entity, canonical_id, field, value, connection, source_id, rule, run_id
FROM {org}.provenance_merged
UNION ALL
SELECT
    own.entity, own.canonical_id, told.field, record.said[told.place] AS value, own.connection, own.source_id, told.rule,
    run.run_id
FROM {org}.provenance_single AS own
JOIN (
    SELECT 'department' AS entity, department_id AS canonical_id, [name, description, parent_id] AS said
    FROM {org}.departments
    UNION ALL
    SELECT 'team', team_id, [name, description] FROM {org}.teams
    UNION ALL
    SELECT 'task', task_id, [
        title, notes, completed::VARCHAR,
        CASE
            WHEN isfinite(due_at) THEN make_timestamp(epoch_us(due_at))::VARCHAR || '+00'
            ELSE due_at::VARCHAR
        END,
        assignee_id, subject_id
    ] FROM {org}.tasks
    UNION ALL
    SELECT 'person', person_id, [full_name, email, kind] FROM {org}.people
) AS record USING (entity, canonical_id)
JOIN {org}.provenance_rules AS told ON told.entity = own.entity AND told.connection = own.connection
JOIN {org}.provenance_runs AS run ON run.number = own.seen[told.place]
