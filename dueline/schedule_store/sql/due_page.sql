-- due_page: schedules whose next occurrences are to be made (tick: expand).
-- in   :now, :until, :limit
-- out  one row, folded: the columns that rows.recurring reads, earliest next_at first
SELECT string_agg(id::text, E'\n'), string_agg(tenant, E'\n'), string_agg(version::text, E'\n'),
       string_agg(queue, E'\n'), string_agg(rule::text, E'\n'),
       string_agg((created_at AT TIME ZONE 'UTC')::text, E'\n'), string_agg(missed, E'\n'),
       string_agg(coalesce(extract(epoch FROM missed_within)::text, ''), E'\n'),
       string_agg(extract(epoch FROM missed_pace)::text, E'\n'),
       string_agg(coalesce((paused_at AT TIME ZONE 'UTC')::text, ''), E'\n'),
       string_agg(coalesce((paused_until AT TIME ZONE 'UTC')::text, ''), E'\n'),
       string_agg(coalesce(to_json(pause_note)::text, ''), E'\n'),
       string_agg((next_at AT TIME ZONE 'UTC')::text, E'\n'), string_agg(runs_made::text, E'\n'),
       string_agg(coalesce((paced_until AT TIME ZONE 'UTC')::text, ''), E'\n')
  FROM (SELECT *
          FROM schedules
         WHERE next_at <= :until::timestamptz
           AND (paused_at IS NULL OR paused_until IS NOT NULL)  -- as the index says
           AND (paused_at IS NULL OR paused_until <= :now::timestamptz)
         ORDER BY next_at
         LIMIT :limit::bigint) AS due
