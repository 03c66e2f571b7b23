-- Version 5: whether an apply reached the end of its plan; one that was cut off is gone on with.
ALTER TABLE plans ADD COLUMN ended_at TEXT;
UPDATE plans SET ended_at = used_at;
