-- Matches that wait for a person, with what each candidate is called.
WITH called AS (
    SELECT department_id AS id, path AS name FROM org.departments
    UNION ALL SELECT team_id, name FROM org.teams
    UNION ALL SELECT task_id, title FROM org.tasks
    UNION ALL SELECT person_id, full_name FROM org.people
),
named AS (
    SELECT
        proposal.proposal_id,
        list({'id': candidate.id, 'name': called.name} ORDER BY candidate.place) AS candidates
    FROM ops.proposals AS proposal,
        LATERAL (SELECT unnest(proposal.candidates) AS id, generate_subscripts(proposal.candidates, 1) AS place) AS candidate
    LEFT JOIN called ON called.id = candidate.id
    WHERE proposal.decision IS NULL
    GROUP BY proposal.proposal_id
)
SELECT
    proposal.proposal_id, proposal.entity, proposal.connection, proposal.source_id, proposal.name, proposal.path,
    named.candidates, proposal.question, proposal.score, proposal.runner_up, proposal.evidence, proposal.reason,
    proposal.follows, proposal.waits_for, proposal.siblings, proposal.children, proposal.since,
    count(*) OVER () AS of_all
FROM ops.proposals AS proposal
LEFT JOIN named USING (proposal_id)
WHERE proposal.decision IS NULL
ORDER BY proposal.waits_for IS NOT NULL, proposal.follows DESC, proposal.score DESC NULLS FIRST, proposal.connection, proposal.path
LIMIT 500
