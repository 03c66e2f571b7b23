-- Who is in a team and as what, by the first connection that knows the team's members.
WITH ranks AS (
    SELECT connection, min(rank) AS rank FROM live.voters WHERE entity = 'team' GROUP BY ALL
),
lists AS (
    SELECT
        canonical_id AS team_id,
        arg_min({'connection': connection, 'members': members}, {'gone': NOT lives, 'rank': rank}) AS best
    FROM live.linked
    JOIN ranks USING (connection)
    WHERE entity = 'team' AND members IS NOT NULL
    GROUP BY ALL
),
members AS (
    SELECT team_id, best.connection AS connection, unnest(best.members) AS member FROM lists
)
SELECT DISTINCT team_id, link.canonical_id AS person_id, member.role AS role
FROM members
JOIN live.links AS link
    ON link.connection = members.connection AND link.entity = 'person' AND link.source_id = member.person
