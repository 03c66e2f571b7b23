-- The teams.
SELECT canonical_id AS team_id, name, description, active, member_count, created_at, updated_at
FROM golden.records
WHERE entity = 'team'
