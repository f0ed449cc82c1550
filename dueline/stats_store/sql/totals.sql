-- totals: what the functions did and find, all tenants together.
-- in   :now, :most (pending tasks of a queue that are counted at most)
-- out  rows: what ('past_due', 'counter' or 'poison'), name (of the queue or counter), count
SELECT 'past_due', queue, count(*)::text
  FROM (SELECT DISTINCT queue FROM task_counts UNION SELECT queue FROM task_changes) AS queues
 CROSS JOIN LATERAL (
       SELECT
         FROM tasks
        WHERE status = 'pending' AND tasks.queue = queues.queue AND due_at < :now::timestamptz
        LIMIT :most::bigint) AS late
 GROUP BY queue
 UNION ALL
SELECT 'counter', name, n::text FROM counters
 UNION ALL
SELECT 'poison', '', coalesce(sum(times), 0)::text FROM poison
