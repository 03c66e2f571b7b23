-- Every write that was ever planned or tried: a row for each try, or one with the planned status where there was none.
SELECT
    coalesce(intents.run_id, plans.run_id) AS run_id,
    planned.plan_id,
    planned.change_id,
    planned.connection,
    planned.entity,
    planned.op,
    iif(intents.seq IS NULL, planned.status, coalesce(intents.outcome, 'unknown')) AS status,
    planned.canonical_id,
    coalesce(intents.source_id, planned.source_id) AS source_id,
    planned.before,
    planned.after,
    planned.rule,
    planned.reason,
    intents.error,
    coalesce(intents.ended_at, intents.begun_at, plans.created_at) AS at,
    plans.seq AS plan_seq,
    planned.position,
    intents.seq AS intent_seq
FROM planned
JOIN plans ON plans.plan_id = planned.plan_id
LEFT JOIN intents ON intents.plan_id = planned.plan_id AND intents.change_id = planned.change_id
UNION ALL
SELECT
    intents.run_id,
    intents.plan_id,
    intents.change_id,
    intents.connection,
    intents.entity,
    intents.op,
    coalesce(intents.outcome, 'unknown'),
    intents.canonical_id,
    intents.source_id,
    intents.before,
    intents.payload,
    NULL,
    NULL,
    intents.error,
    coalesce(intents.ended_at, intents.begun_at),
    plans.seq,
    NULL,
    intents.seq
FROM intents
JOIN plans ON plans.plan_id = intents.plan_id
WHERE NOT EXISTS (
    SELECT 1 FROM planned WHERE planned.plan_id = intents.plan_id AND planned.change_id = intents.change_id
)
ORDER BY plan_seq, position, intent_seq
