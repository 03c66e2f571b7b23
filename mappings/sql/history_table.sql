-- The history of a kind, empty: the columns of its published table, and from when to when they held. {table} is our own.
CREATE TABLE IF NOT EXISTS history.{table} AS
SELECT now.*, 0::UBIGINT AS fingerprint, NULL::TIMESTAMPTZ AS valid_from, NULL::TIMESTAMPTZ AS valid_to
FROM org_{table} AS now
LIMIT 0
