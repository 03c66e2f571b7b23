-- Who has which e-mail address, of the lists of people (connection, rank, kind, source_id, address). An address that
-- two records of one kind share in one account tells neither.
SELECT connection, min(rank) AS rank, kind, lower(trim(address)) AS address, any_value(source_id) AS source_id
FROM ({lists})
WHERE contains(address, '@')
GROUP BY connection, kind, lower(trim(address))
HAVING count(DISTINCT source_id) = 1
