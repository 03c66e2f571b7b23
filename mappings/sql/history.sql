-- History: what changed since the last run closes its row and opens another, what is no more closes it.
-- {table} and {key} are names of our own.
CREATE OR REPLACE TEMP TABLE present AS SELECT now.*, hash(now)::UBIGINT AS fingerprint FROM org_{table} AS now;
CREATE OR REPLACE TEMP TABLE moved AS
SELECT now.* FROM present AS now
ANTI JOIN (FROM history.{table} WHERE valid_to IS NULL) AS old
    ON old.{key} = now.{key} AND old.fingerprint = now.fingerprint;
UPDATE history.{table} SET valid_to = $at
WHERE valid_to IS NULL AND ({key} IN (SELECT {key} FROM moved) OR {key} NOT IN (SELECT {key} FROM present));
INSERT INTO history.{table} BY NAME SELECT *, $at AS valid_from FROM moved
