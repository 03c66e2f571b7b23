-- Nexudus records in canonical terms: one row a department, team, task and person.
--
-- Reads raw(resource VARCHAR, source_id VARCHAR, record VARCHAR): record is the JSON of one vendor record, as a call by
-- id shows it, or as a list does: an array that is null, or missing, is unknown and stays NULL; [] is none. The
-- session's TimeZone must be UTC: the vendor's older times carry no zone, and mean UTC.
-- Coworkers and administrators (users) are numbered apart, hence 'coworker:7' and 'user:9'. A network may have 50,000
-- coworkers: those are people here whom a department, team or task mentions. Administrators are few: all of them are.
-- One call a record takes all that is wanted of it: each call parses the JSON again.
WITH departments AS (
    SELECT
        source_id,
        told[1] AS name,
        nullif(told[2], '(no description)') AS description, -- what we write where there is none
        coalesce(TRY_CAST(told[3] AS BOOLEAN), true) AS active,
        TRY_CAST(arrays[1] AS BIGINT[]) AS manager_ids,
        TRY_CAST(told[4] AS TIMESTAMPTZ) AS created_at,
        TRY_CAST(told[5] AS TIMESTAMPTZ) AS updated_at
    FROM (
        SELECT
            source_id,
            json_extract_string(record, ['$.Name', '$.Description', '$.Active', '$.CreatedOn', '$.UpdatedOn']) AS told,
            json_extract(record, ['$.Managers']) AS arrays
        FROM raw
        WHERE resource = 'departments'
    )
),

teams AS (
    SELECT
        source_id,
        told[1] AS name,
        told[2] AS description,
        list_sort(list_distinct(TRY_CAST(arrays[1] AS BIGINT[]))) AS member_ids,
        list_sort(list_distinct(TRY_CAST(arrays[2] AS BIGINT[]))) AS administrator_ids,
        string_split(told[3], ',') AS named_ids,
        string_split(told[4], ',') AS names,
        TRY_CAST(told[5] AS TIMESTAMPTZ) AS created_at,
        TRY_CAST(told[6] AS TIMESTAMPTZ) AS updated_at
    FROM (
        SELECT
            source_id,
            json_extract_string(
                record, ['$.Name', '$.Description', '$.CoworkerIds', '$.CoworkerFullNames', '$.CreatedOn', '$.UpdatedOn']
            ) AS told,
            json_extract(record, ['$.TeamMembers', '$.TeamAdministrators']) AS arrays
        FROM raw
        WHERE resource = 'teams'
    )
),

tasks AS (
    SELECT
        source_id,
        told[1] AS title,
        told[2] AS notes,
        TRY_CAST(told[3] AS BOOLEAN) AS completed,
        TRY_CAST(told[4] AS TIMESTAMPTZ) AS due_at,
        'user:' || told[5] AS assignee_source_id,
        'coworker:' || told[6] AS subject_source_id,
        TRY_CAST(told[7] AS TIMESTAMPTZ) AS created_at,
        TRY_CAST(told[8] AS TIMESTAMPTZ) AS updated_at
    FROM (
        SELECT
            source_id,
            json_extract_string(
                record,
                [
                    '$.Name', '$.Notes', '$.Completed', '$.DueDate', '$.ResponsibleId', '$.CoworkerId', '$.CreatedOn',
                    '$.UpdatedOn'
                ]
            ) AS told
        FROM raw
        WHERE resource = 'tasks'
    )
),

-- Apart from tasks, whose rows, read here too, would have to be kept in memory.
concerned AS (
    SELECT
        unnest(['user:' || told[1], 'coworker:' || told[2]]) AS source_id,
        unnest([told[3], told[4]]) AS full_name
    FROM (
        SELECT json_extract_string(
            record, ['$.ResponsibleId', '$.CoworkerId', '$.ResponsibleFullName', '$.CoworkerFullName']
        ) AS told
        FROM raw
        WHERE resource = 'tasks'
    )
),

-- The two strings of a team belong together only where both split to the same length: a name may hold a comma.
named AS (
    SELECT unnest(list_zip(named_ids, names)) AS pair
    FROM teams
    WHERE len(named_ids) = len(names)
),

mentions AS (
    SELECT 'user:' || unnest(manager_ids) AS source_id, NULL::VARCHAR AS full_name FROM departments
    UNION ALL
    SELECT 'coworker:' || unnest(member_ids), NULL FROM teams
    UNION ALL
    SELECT 'coworker:' || unnest(administrator_ids), NULL FROM teams
    UNION ALL
    SELECT 'coworker:' || TRY_CAST(trim(pair[1]) AS BIGINT), trim(pair[2]) FROM named
    UNION ALL
    SELECT source_id, full_name FROM concerned
),

told_of AS (
    SELECT source_id, true AS counts, nullif(full_name, '') AS said_name, NULL AS own_name, NULL AS email FROM mentions
    UNION ALL
    SELECT source_id, resource = 'users', NULL, nullif(told[1], ''), nullif(told[2], '')
    FROM (
        SELECT source_id, resource, json_extract_string(record, ['$.FullName', '$.Email']) AS told
        FROM raw
        WHERE resource IN ('coworkers', 'users')
    )
),

people AS (
    SELECT
        source_id,
        coalesce(max(own_name), max(said_name)) AS full_name, -- of several, the same in every run
        max(email) AS email,
        split_part(source_id, ':', 1) AS kind
    FROM told_of
    WHERE source_id IS NOT NULL
    GROUP BY source_id
    HAVING bool_or(counts)
),

canonical AS (
    SELECT 'department' AS entity, source_id, name, description, active, created_at, updated_at
    FROM departments
    UNION ALL BY NAME
    SELECT
        'team' AS entity,
        source_id,
        name,
        description,
        true AS active,
        CAST(len(member_ids) AS BIGINT) AS member_count,
        list_concat(
            list_transform(member_ids, lambda id: {'person': 'coworker:' || id, 'role': 'member'}),
            list_transform(administrator_ids, lambda id: {'person': 'coworker:' || id, 'role': 'administrator'})
        ) AS joined,
        CASE WHEN member_ids IS NOT NULL AND administrator_ids IS NOT NULL THEN joined END AS members,
        created_at,
        updated_at
    FROM teams
    UNION ALL BY NAME
    SELECT
        'task' AS entity,
        source_id,
        title,
        notes,
        completed,
        due_at,
        assignee_source_id,
        subject_source_id,
        true AS active,
        created_at,
        updated_at
    FROM tasks
    UNION ALL BY NAME
    SELECT 'person' AS entity, source_id, full_name, email, kind, true AS active
    FROM people
)

SELECT
    entity,
    source_id,
    name,
    title,
    description,
    NULL::VARCHAR AS parent_source_id,
    notes,
    completed,
    due_at,
    assignee_source_id,
    subject_source_id,
    full_name,
    email,
    kind,
    active,
    member_count,
    members,
    created_at,
    updated_at
FROM canonical
