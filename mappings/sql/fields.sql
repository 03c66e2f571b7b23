-- The surviving fields; one whose value did not change keeps the run that first saw it survive.
SELECT
    new.*,
    CASE
        WHEN old.field IS NOT NULL AND old.value IS NOT DISTINCT FROM new.value THEN old.run_id
        ELSE $run_id
    END AS run_id
FROM survivors AS new
LEFT JOIN golden.fields AS old USING (entity, canonical_id, field)
