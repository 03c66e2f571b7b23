-- What the published file still tells of each linked record, as the shadows of a working database that was lost: the next
-- whole read puts them right, and a record that is gone at its source keeps what was last known of it. {org} is the
-- schema of the published tables.
WITH link AS (
    SELECT connection, entity, source_id, canonical_id FROM {org}.crosswalk WHERE unlinked_at IS NULL
),
member AS (
    SELECT team.connection, team.source_id, list({'person': person.source_id, 'role': membership.role}) AS members
    FROM link AS team
    JOIN {org}.team_members AS membership ON team.entity = 'team' AND membership.team_id = team.canonical_id
    JOIN link AS person
        ON person.entity = 'person' AND person.canonical_id = membership.person_id AND person.connection = team.connection
    GROUP BY ALL
)
SELECT
    link.connection, link.entity, link.source_id, record.name, record.description, parent.source_id AS parent_source_id,
    record.active AS present, record.member_count, record.created_at, record.updated_at
FROM link
JOIN {org}.departments AS record ON link.entity = 'department' AND record.department_id = link.canonical_id
LEFT JOIN link AS parent
    ON parent.entity = 'department' AND parent.canonical_id = record.parent_id AND parent.connection = link.connection
UNION ALL BY NAME
SELECT
    link.connection, link.entity, link.source_id, record.name, record.description, member.members,
    record.active AS present, record.member_count, record.created_at, record.updated_at
FROM link
JOIN {org}.teams AS record ON link.entity = 'team' AND record.team_id = link.canonical_id
LEFT JOIN member USING (connection, source_id)
UNION ALL BY NAME
SELECT
    link.connection, link.entity, link.source_id, record.title, record.notes, record.completed, record.due_at,
    assignee.source_id AS assignee_source_id, subject.source_id AS subject_source_id,
    record.active AS present, record.created_at, record.updated_at
FROM link
JOIN {org}.tasks AS record ON link.entity = 'task' AND record.task_id = link.canonical_id
LEFT JOIN link AS assignee
    ON assignee.entity = 'person' AND assignee.canonical_id = record.assignee_id AND assignee.connection = link.connection
LEFT JOIN link AS subject
    ON subject.entity = 'person' AND subject.canonical_id = record.subject_id AND subject.connection = link.connection
UNION ALL BY NAME
SELECT link.connection, link.entity, link.source_id, record.full_name, record.email, record.kind, true AS present
FROM link
JOIN {org}.people AS record ON link.entity = 'person' AND record.person_id = link.canonical_id
