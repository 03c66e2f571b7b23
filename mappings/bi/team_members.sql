-- Who is in which team, by name.
SELECT member.team_id, team.name AS team, member.person_id, person.full_name AS person, member.role, team.active
FROM {org}.team_members AS member
LEFT JOIN {org}.teams AS team USING (team_id)
LEFT JOIN {org}.people AS person USING (person_id)
