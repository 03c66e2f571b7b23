-- Every record and account that holds it, by name.
WITH called AS (
    SELECT 'department' AS entity, department_id AS canonical_id, path AS name, active FROM {org}.departments
    UNION ALL SELECT 'team', team_id, name, active FROM {org}.teams
    UNION ALL SELECT 'task', task_id, title, active FROM {org}.tasks
    UNION ALL SELECT 'person', person_id, full_name, true FROM {org}.people
)
SELECT link.entity, link.canonical_id, called.name, link.connection, link.source_id, link.method, link.linked_at, called.active
FROM {org}.crosswalk AS link
LEFT JOIN called USING (entity, canonical_id)
WHERE link.unlinked_at IS NULL
