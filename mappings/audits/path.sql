-- A department's path is not its parent's path and its own name. What to do: report it, with these rows; the query that
-- tells the tree (mappings/org/departments.sql) is at fault.
-- Departments of a circle, and those below it, have no depth and their own name as path. A path tells its last 100 names.
SELECT own.department_id, own.path, own.depth, above.path AS parent_path, above.depth AS parent_depth
FROM placed AS own
LEFT JOIN placed AS above ON above.department_id = own.parent_id
WHERE CASE
    WHEN above.department_id IS NULL THEN own.path <> own.name OR own.depth IS DISTINCT FROM 0
    WHEN above.depth IS NULL THEN own.path <> own.name OR own.depth IS NOT NULL
    WHEN own.depth IS DISTINCT FROM above.depth + 1 THEN true
    WHEN own.depth < 100 THEN own.path <> above.path || ' / ' || own.name
    ELSE NOT ends_with(above.path || ' / ' || own.name, own.path)
END
