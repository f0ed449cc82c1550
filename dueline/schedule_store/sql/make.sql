-- make: make occurrences by hand (schedule: run now, backfill).
-- in   :tenant, :schedule_id, :overlap, :payload (NULL: the schedule's), :sparing (how the errors
--      begin of skipped tasks that are left alone; the others are removed. NULL: all are left);
--      arrays, one element an occurrence: :ids, :ats, :execute_ats, :due_ats; :now
-- out  one row, folded: ids of the tasks that were inserted
WITH held AS MATERIALIZED (
    SELECT id, tenant, type, queue, payload, tags, max_attempts, retry, retry_max_age,
           timeout_seconds
      FROM schedules
     WHERE tenant = :tenant AND id = :schedule_id::uuid
       FOR SHARE
), removed AS (
    DELETE FROM tasks
     USING held
     WHERE tasks.schedule_id = held.id AND occurrence_at = ANY (:ats::timestamptz[])
       AND status = 'skipped' AND NOT starts_with(error, :sparing)
    RETURNING tasks.id
), made AS (
    INSERT INTO tasks (id, tenant, type, queue, payload, execute_at, due_at, created_at, tags,
                       schedule_id, occurrence_at, overlap, max_attempts, retry, retry_until,
                       timeout_seconds)
    SELECT new.id, tenant, type, queue, coalesce(:payload::jsonb, payload), execute_at, due_at,
           :now::timestamptz, tags, held.id, at, :overlap, max_attempts, retry,
           execute_at + retry_max_age, timeout_seconds
      FROM held,
           (SELECT count(*) FROM removed) AS first,  -- before anything is inserted
           unnest(:ids::uuid[], :ats::timestamptz[], :execute_ats::timestamptz[],
                  :due_ats::timestamptz[]) AS new (id, at, execute_at, due_at)
        ON CONFLICT (schedule_id, occurrence_at) WHERE schedule_id IS NOT NULL DO NOTHING
    RETURNING id
)
SELECT string_agg(id::text, E'\n') FROM made
