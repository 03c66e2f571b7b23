-- The fields of the records that do not stand alone, as the merge took them. One whose value did not change (``former``: as
-- it was) keeps the run that first saw it survive.
SELECT
    new.entity, new.canonical_id, new.field, new.value, new.connection, new.source_id, new.rule,
    CASE WHEN old.field IS NOT NULL AND old.value IS NOT DISTINCT FROM new.value THEN old.run_id ELSE $run_id END AS run_id
FROM merged AS new
LEFT JOIN former AS old USING (entity, canonical_id, field)
