-- The living records of an entity that an authority, or a person, stands for, and that one target does not hold as the
-- golden record is: it has none, lost it, or another value in one of the fields that it carries; or a field of it waits for
-- a person. $flat: it knows no tree. What this finds is compared exactly by mappings/diff.py; what it does not, is in step.
-- ``there``: as linked.sql tells it, without the references that it does not carry: a third of the work.
WITH there AS (
    SELECT
        record.*, own.canonical_id, parent.canonical_id AS parent_id, assignee.canonical_id AS assignee_id,
        subject.canonical_id AS subject_id
    FROM shadow.records AS record
    JOIN live.links AS own USING (connection, entity, source_id)
    LEFT JOIN live.links AS parent
        ON list_contains($carries, 'parent_id') AND parent.connection = record.connection AND parent.entity = 'department'
        AND parent.source_id = record.parent_source_id
    LEFT JOIN live.links AS assignee
        ON list_contains($carries, 'assignee_id') AND assignee.connection = record.connection AND assignee.entity = 'person'
        AND assignee.source_id = record.assignee_source_id
    LEFT JOIN live.links AS subject
        ON list_contains($carries, 'subject_id') AND subject.connection = record.connection AND subject.entity = 'person'
        AND subject.source_id = record.subject_source_id
    WHERE record.connection = $connection AND record.entity = $entity
)
SELECT golden.canonical_id
FROM golden.records AS golden
LEFT JOIN there ON there.canonical_id = golden.canonical_id
LEFT JOIN live.flat_names AS called ON called.canonical_id = golden.canonical_id AND $flat AND $entity = 'department'
WHERE golden.entity = $entity AND golden.active AND golden.told_by IN (SELECT unnest($authority))
    AND (
        there.source_id IS NULL
        OR NOT there.present
        OR coalesce(called.name, golden.name) IS DISTINCT FROM there.name
        OR golden.title IS DISTINCT FROM there.title
        OR (list_contains($carries, 'description') AND golden.description IS DISTINCT FROM there.description)
        OR (list_contains($carries, 'parent_id') AND golden.parent_id IS DISTINCT FROM there.parent_id)
        OR (list_contains($carries, 'notes') AND golden.notes IS DISTINCT FROM there.notes)
        OR (list_contains($carries, 'completed') AND golden.completed IS DISTINCT FROM there.completed)
        OR (list_contains($carries, 'due_at') AND golden.due_at IS DISTINCT FROM there.due_at)
        OR (list_contains($carries, 'assignee_id') AND golden.assignee_id IS DISTINCT FROM there.assignee_id)
        OR (list_contains($carries, 'subject_id') AND golden.subject_id IS DISTINCT FROM there.subject_id)
        OR golden.canonical_id IN (SELECT canonical_id FROM golden.conflicts WHERE entity = $entity)
    )
ORDER BY golden.canonical_id
