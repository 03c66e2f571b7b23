-- The rows of a history that held at a moment. {macro} and {history} are names of our own.
CREATE MACRO {macro}_as_of(ts) AS TABLE
SELECT * EXCLUDE (valid_from, valid_to)
FROM {history}
WHERE valid_from <= ts::TIMESTAMPTZ AND (valid_to IS NULL OR valid_to > ts::TIMESTAMPTZ)
