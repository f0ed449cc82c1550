-- overdue_page: occurrences that were made before their time and were not sent in time, by schedule
-- (tick: settle_missed). What was put off (due_at > execute_at) is not looked at again.
-- in   :now, :due_before, :limit
-- out  rows: the columns that rows.recurring reads; then, folded, earliest first: id, fence, due_at;
--      'true' if a later occurrence is due too
WITH late AS MATERIALIZED (
    SELECT id, fence, due_at, schedule_id, occurrence_at
      FROM tasks
     WHERE status = 'pending' AND schedule_id IS NOT NULL AND due_at = execute_at
       AND created_at < execute_at AND due_at < :due_before::timestamptz
     ORDER BY due_at
     LIMIT :limit::bigint
), by_schedule AS MATERIALIZED (
    SELECT schedule_id, max(occurrence_at) AS last_at,
           string_agg(id::text, E'\n' ORDER BY due_at, id) AS ids,
           string_agg(fence::text, E'\n' ORDER BY due_at, id) AS fences,
           string_agg((due_at AT TIME ZONE 'UTC')::text, E'\n' ORDER BY due_at, id) AS due_ats
      FROM late
     GROUP BY schedule_id
)
SELECT id::text, tenant, version::text, queue, rule::text,
       (created_at AT TIME ZONE 'UTC')::text,
       missed, extract(epoch FROM missed_within)::text, extract(epoch FROM missed_pace)::text,
       (paused_at AT TIME ZONE 'UTC')::text, (paused_until AT TIME ZONE 'UTC')::text,
       to_json(pause_note)::text, (next_at AT TIME ZONE 'UTC')::text, runs_made::text,
       (paced_until AT TIME ZONE 'UTC')::text,
       ids, fences, due_ats,
       (coalesce(next_at <= :now::timestamptz, false) OR EXISTS (
        SELECT
          FROM tasks AS later
         WHERE later.schedule_id = schedules.id AND later.occurrence_at > last_at
           AND later.occurrence_at <= :now::timestamptz AND later.due_at <= :now::timestamptz
           AND later.status NOT IN ('skipped', 'cancelled')))::text
  FROM by_schedule
  JOIN schedules ON schedules.id = by_schedule.schedule_id
