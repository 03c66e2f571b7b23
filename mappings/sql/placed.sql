-- The place of each department in the tree, as the published table tells it; two audits ask of it.
SELECT department_id, coalesce(name, '') AS name, parent_id, coalesce(path, '') AS path, depth FROM org_departments
