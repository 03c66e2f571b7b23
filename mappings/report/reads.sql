-- The newest read of each resource: its receipt.
SELECT
    connection, resource, mode, started_at, finished_at, pages, declared_total, "rows", "distinct", duplicates, walks, calls, retries,
    end_signal, complete, reason, since
FROM ops.reads
QUALIFY row_number() OVER (PARTITION BY connection, resource ORDER BY started_at DESC) = 1
ORDER BY connection, resource
