-- Receipts of incremental reads: since when they asked, and from when the next one goes on, by the vendor's clock.
ALTER TABLE receipts ADD COLUMN since TEXT;
ALTER TABLE receipts ADD COLUMN watermark TEXT;
