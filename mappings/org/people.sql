-- The people that departments, teams and tasks refer to, and every administrator.
SELECT canonical_id AS person_id, full_name, email, kind
FROM golden.records
WHERE entity = 'person'
