-- Remote records that could be any of several canonical ones.
SELECT
    md5(connection || chr(0) || entity || chr(0) || source_id) AS proposal_id,
    entity, connection, source_id, candidates, reason
FROM live.disputes
