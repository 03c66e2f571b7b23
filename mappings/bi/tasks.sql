-- The tasks with the names of people, and how late each is now.
SELECT
    task.task_id, task.title, task.completed, task.due_at, assignee.full_name AS assignee, subject.full_name AS subject,
    coalesce(NOT task.completed AND task.due_at < now(), false) AS overdue,
    CASE WHEN NOT task.completed AND task.due_at < now() THEN date_diff('day', task.due_at, now()) END AS days_late,
    task.active
FROM {org}.tasks AS task
LEFT JOIN {org}.people AS assignee ON assignee.person_id = task.assignee_id
LEFT JOIN {org}.people AS subject ON subject.person_id = task.subject_id
