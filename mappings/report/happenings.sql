-- What became of departments, newest first: new, renamed, moved, gone, back. What the first run found is no news.
WITH states AS (
    SELECT
        department_id AS id, name, parent_id, active, valid_from AS "at",
        row_number() OVER history AS nth,
        lag(name) OVER history AS was_name,
        lag(parent_id) OVER history AS was_parent,
        lag(path) OVER history AS was_path,
        lag(active) OVER history AS was_active
    FROM org.department_history
    WINDOW history AS (PARTITION BY department_id ORDER BY valid_from)
),
told AS (
    SELECT id, "at", 'new' AS what, NULL AS was
    FROM states
    WHERE nth = 1 AND "at" > (SELECT min(valid_from) FROM org.department_history)
    UNION ALL
    SELECT id, "at", 'renamed', was_name FROM states WHERE nth > 1 AND name IS DISTINCT FROM was_name
    UNION ALL
    SELECT id, "at", 'moved', was_path FROM states WHERE nth > 1 AND parent_id IS DISTINCT FROM was_parent
    UNION ALL
    SELECT id, "at", 'gone', NULL FROM states WHERE nth > 1 AND was_active AND NOT active
    UNION ALL
    SELECT id, "at", 'back', NULL FROM states WHERE nth > 1 AND active AND NOT was_active
)
SELECT * FROM told ORDER BY "at" DESC, id, what LIMIT 20000
