-- Which account holds which department, and what it calls it where that is something else.
SELECT
    link.canonical_id AS id,
    link.connection,
    link.source_id,
    link.method,
    coalesce(said.active, department.active) AS there,
    nullif(said.name, department.name) AS own_name
FROM org.crosswalk AS link
JOIN org.departments AS department ON department.department_id = link.canonical_id
LEFT JOIN org.linked_records AS said
    ON said.entity = link.entity AND said.canonical_id = link.canonical_id AND said.connection = link.connection
    AND said.source_id = link.source_id
WHERE link.entity = 'department' AND link.unlinked_at IS NULL
ORDER BY link.canonical_id, link.connection, link.source_id
