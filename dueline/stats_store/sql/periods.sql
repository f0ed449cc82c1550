-- periods: what happened to a tenant's tasks in since <= minute < until, by stretches of a length.
-- in   :tenant, :since, :until, :length (interval)
-- The words are compared byte by byte, which is ten times quicker than by a language's rules.
-- out  one row, folded, by start: start, type, queue, status (or 'created'), lateness, run_time, count
SELECT string_agg((start AT TIME ZONE 'UTC')::text, E'\n'), string_agg(type, E'\n'),
       string_agg(queue, E'\n'), string_agg(status, E'\n'), string_agg(lateness::text, E'\n'),
       string_agg(run_time::text, E'\n'), string_agg(n::text, E'\n')
  FROM (SELECT date_bin(:length::interval, minute, :since::timestamptz) AS start,
               type COLLATE "C" AS type, queue COLLATE "C" AS queue, status COLLATE "C" AS status,
               lateness, run_time, sum(n) AS n
          FROM (SELECT minute, type, queue, status, lateness, run_time, n
                  FROM task_minutes
                 WHERE tenant = :tenant
                   AND minute >= :since::timestamptz AND minute < :until::timestamptz
                 UNION ALL
                SELECT minute, type, queue, status, lateness, run_time, n
                  FROM task_changes
                 WHERE tenant = :tenant
                   AND minute >= :since::timestamptz AND minute < :until::timestamptz) AS known
         GROUP BY 1, 2, 3, 4, 5, 6
        HAVING sum(n) <> 0
         ORDER BY 1, 2, 3) AS period
