-- The people that teams and tasks refer to.
SELECT canonical_id AS person_id, full_name, email, kind
FROM golden.records
WHERE entity = 'person'
