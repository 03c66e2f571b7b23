-- A team has a member that is no person of the model. What to do: move work.duckdb away, the next pull rebuilds it.
-- A person whose own record is not here yet (the working database was rebuilt) is no fault.
SELECT team_id, person_id, role
FROM org_team_members AS member
ANTI JOIN (FROM golden.records WHERE entity = 'person') AS person ON person.canonical_id = member.person_id
ANTI JOIN unmatched AS unseen ON unseen.entity = 'person' AND unseen.canonical_id = member.person_id
