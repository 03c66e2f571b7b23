-- Nexudus records in canonical terms: one row a department, team, task and person.
--
-- Reads raw(resource VARCHAR, source_id VARCHAR, record VARCHAR): record is the JSON of one vendor record, as a call by
-- id shows it. The session's TimeZone must be UTC: the vendor's older times carry no zone, and mean UTC.
-- Coworkers and administrators (users) are numbered apart, hence 'coworker:7' and 'user:9'. People have no rows of their
-- own in raw: they are those whom departments, teams and tasks mention. A null array is unknown and stays NULL; [] is none.
WITH departments AS (
    SELECT
        source_id,
        record ->> '$.Name' AS name,
        nullif(record ->> '$.Description', '(no description)') AS description, -- what we write where there is none
        coalesce(TRY_CAST(record ->> '$.Active' AS BOOLEAN), true) AS active,
        TRY_CAST(record -> '$.Managers' AS BIGINT[]) AS manager_ids,
        TRY_CAST(record ->> '$.CreatedOn' AS TIMESTAMPTZ) AS created_at,
        TRY_CAST(record ->> '$.UpdatedOn' AS TIMESTAMPTZ) AS updated_at
    FROM raw
    WHERE resource = 'departments'
),

teams AS (
    SELECT
        source_id,
        record ->> '$.Name' AS name,
        record ->> '$.Description' AS description,
        list_sort(list_distinct(TRY_CAST(record -> '$.TeamMembers' AS BIGINT[]))) AS member_ids,
        list_sort(list_distinct(TRY_CAST(record -> '$.TeamAdministrators' AS BIGINT[]))) AS administrator_ids,
        string_split(record ->> '$.CoworkerIds', ',') AS named_ids,
        string_split(record ->> '$.CoworkerFullNames', ',') AS names,
        TRY_CAST(record ->> '$.CreatedOn' AS TIMESTAMPTZ) AS created_at,
        TRY_CAST(record ->> '$.UpdatedOn' AS TIMESTAMPTZ) AS updated_at
    FROM raw
    WHERE resource = 'teams'
),

tasks AS (
    SELECT
        source_id,
        record ->> '$.Name' AS title,
        record ->> '$.Notes' AS notes,
        TRY_CAST(record ->> '$.Completed' AS BOOLEAN) AS completed,
        TRY_CAST(record ->> '$.DueDate' AS TIMESTAMPTZ) AS due_at,
        'user:' || (record ->> '$.ResponsibleId') AS assignee_source_id,
        'coworker:' || (record ->> '$.CoworkerId') AS subject_source_id,
        record ->> '$.ResponsibleFullName' AS assignee_name,
        record ->> '$.CoworkerFullName' AS subject_name,
        TRY_CAST(record ->> '$.CreatedOn' AS TIMESTAMPTZ) AS created_at,
        TRY_CAST(record ->> '$.UpdatedOn' AS TIMESTAMPTZ) AS updated_at
    FROM raw
    WHERE resource = 'tasks'
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
    SELECT 'coworker:' || TRY_CAST(trim(pair[1]) AS BIGINT), nullif(trim(pair[2]), '') FROM named
    UNION ALL
    SELECT assignee_source_id, nullif(assignee_name, '') FROM tasks
    UNION ALL
    SELECT subject_source_id, nullif(subject_name, '') FROM tasks
),

people AS (
    SELECT
        source_id,
        max(full_name) AS full_name, -- one of them, the same in every run
        split_part(source_id, ':', 1) AS kind
    FROM mentions
    WHERE source_id IS NOT NULL
    GROUP BY source_id
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
    SELECT 'person' AS entity, source_id, full_name, kind, true AS active
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
    NULL::VARCHAR AS email,
    kind,
    active,
    member_count,
    members,
    created_at,
    updated_at
FROM canonical
