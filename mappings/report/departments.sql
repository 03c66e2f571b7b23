-- Every department, parents before children; those of a cycle, which have no depth, last.
SELECT department_id AS id, name, parent_id, depth, active, member_count, description[:300] AS description
FROM org.departments
ORDER BY depth NULLS LAST, name, department_id
