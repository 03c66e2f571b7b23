-- The people of one connection who have the address of a person of another account: unlinked ones, whether anything mentions
-- them or not, and those that founded a person of their own before their addresses were known. Of two such founders the one
-- of the account that is heard later gives way. A member and an administrator are two people, for vendors count them apart.
WITH held AS (
    SELECT addressed.*, link.canonical_id
    FROM addressed
    JOIN live.links AS link ON link.entity = 'person' AND link.connection = addressed.connection
        AND link.source_id = addressed.source_id
),
links AS (
    SELECT canonical_id, count(*) AS links, bool_or(connection = $connection) AS here
    FROM live.links
    WHERE entity = 'person'
    GROUP BY canonical_id
),
own AS (
    SELECT addressed.*, held.canonical_id, coalesce(links.links, 0) AS links
    FROM addressed
    LEFT JOIN held USING (connection, kind, address)
    LEFT JOIN links ON links.canonical_id = held.canonical_id
    WHERE addressed.connection = $connection
)
SELECT
    own.source_id,
    arg_min(other.canonical_id, other.rank) AS canonical_id,
    any_value(own.canonical_id) AS own,
    arg_min(other.connection, other.rank) AS told_by
FROM own
JOIN held AS other ON other.connection <> $connection AND other.kind = own.kind AND other.address = own.address
JOIN links ON links.canonical_id = other.canonical_id AND NOT links.here
WHERE own.canonical_id IS NULL OR (own.links = 1 AND (other.rank < own.rank OR links.links > 1))
GROUP BY own.source_id
ORDER BY own.source_id
