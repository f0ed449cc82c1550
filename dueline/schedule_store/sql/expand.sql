-- expand: make occurrences, and move their schedules on (tick: expand, step 3).
-- in   arrays, one element a schedule: :schedule_ids, :versions, :seen_next_ats, :next_ats,
--      :runs_made, :paced_untils; arrays, one element an occurrence: :ids, :schedules (ids), :ats,
--      :execute_ats, :due_ats (NULL: at execute_at), :reasons (not NULL: it is skipped for that);
--      :now
-- out  one row, folded: ids of the tasks that were inserted
-- The compare-and-set and the insert are one statement: a schedule that is no longer as seen makes
-- nothing. One that someone else holds is being expanded or changed: it is passed over.
WITH held AS MATERIALIZED (
    SELECT schedule.*, plan.next_at AS new_next_at, plan.runs_made AS new_runs_made,
           plan.paced_until AS new_paced_until
      FROM (SELECT *
              FROM unnest(:schedule_ids::uuid[], :versions::int[], :seen_next_ats::timestamptz[],
                          :next_ats::timestamptz[], :runs_made::bigint[],
                          :paced_untils::timestamptz[])
                AS plan (id, version, seen_next_at, next_at, runs_made, paced_until)
             ORDER BY id) AS plan
     CROSS JOIN LATERAL (
           SELECT id, tenant, type, queue, payload, tags, overlap, max_attempts, retry,
                  retry_max_age, timeout_seconds
             FROM schedules
            WHERE schedules.id = plan.id AND schedules.version = plan.version
              AND schedules.next_at = plan.seen_next_at
              FOR UPDATE SKIP LOCKED) AS schedule
), moved AS (
    UPDATE schedules
       SET next_at = new_next_at, runs_made = new_runs_made, paced_until = new_paced_until
      FROM held
     WHERE schedules.id = held.id
), made AS (
    INSERT INTO tasks (id, tenant, type, queue, status, payload, execute_at, due_at, created_at,
                       tags, schedule_id, occurrence_at, overlap, max_attempts, retry, retry_until,
                       timeout_seconds, finished_at, error)
    SELECT new.id, tenant, type, queue,
           CASE WHEN reason IS NULL THEN 'pending' ELSE 'skipped' END, payload, execute_at,
           coalesce(due_at, execute_at), :now::timestamptz, tags, held.id, at, overlap,
           max_attempts, retry, execute_at + retry_max_age, timeout_seconds,
           CASE WHEN reason IS NULL THEN NULL ELSE :now::timestamptz END, reason
      FROM unnest(:ids::uuid[], :schedules::uuid[], :ats::timestamptz[],
                  :execute_ats::timestamptz[], :due_ats::timestamptz[], :reasons::text[])
        AS new (id, schedule_id, at, execute_at, due_at, reason)
      JOIN held ON held.id = new.schedule_id
        ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT string_agg(id::text, E'\n') FROM made
